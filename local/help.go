package main

const helpText = `Pulumi, with this machine as its cloud.

Usage: go run ./local <command> [flags]

Runs this project with the real Pulumi CLI and engine against an emulated AWS
account. No AWS account and no AWS credentials are used, and nothing leaves
this machine. What is deployed runs in containers where a Docker engine
answers. The first command builds the Pulumi CLI, which takes about 4 minutes.

Pulumi's commands, with all their flags:
  preview            show what would change
  up                 create or update the resources of a stack
  refresh            read what exists back into the state
  destroy            delete the resources of a stack
  stack, state, ...  everything else that needs no Pulumi Cloud
                     (help COMMAND tells more)

Commands of the local cloud:
  status             services, tasks, containers, targets, databases, caches: how
                     they are and where they listen (--json)
  logs [NAME]        what containers wrote; NAME is a container, the beginning of
                     a task's id, or a log group (--follow, --tail N: the newest
                     N lines, 100 unless given, 0 for all, --json)
  exec NAME [-- COMMAND...]
                     run a command, or a shell, in a container of a task, as ECS
                     Exec does; NAME is a container (that of the newest task), or
                     TASK/CONTAINER; TASK, the beginning of a task's id, is enough
                     where the task has one container
  secret NAME [KEY]  print the value of a secret, or one key of it; NAME may be
                     its ARN
  certificate        print the file of the authority that issues the certificates of
                     this account, for a browser or curl --cacert to trust
  stop               end all containers and keep their data
  start              run again what was stopped
  failover NAME      fail a database cluster or a replication group over
  drain ID           let the tasks of a container instance move, as ECS does
  terminate ID       end a container instance, as if its machine broke
  restore NAME TARGET
                     bring back a snapshot or backup, by its name or file;
                     without arguments: tell which there are
  aws SERVICE OPERATION [--NAME VALUE...]
                     change, delete or describe one resource past Pulumi, in the
                     words of the AWS CLI (aws help: which there are)
  resources          list what exists in the emulated account (--json)
  serve              answer the official Pulumi CLI until Ctrl-C
                     (--port N: the first of four ports; free ones otherwise)
  version            print the version of the Pulumi CLI that is used
  help [COMMAND]     print this, or the help of one of Pulumi's commands

Flags:
  -s, --stack NAME   the stack; the selected one, or dev, unless given
      --home DIR     where account, state and registry are kept (default: .local
                     in the project)
  -C, --cwd DIR      the project's directory
      --program FILE run a program that is compiled already
      --clock N      let the account's clock run N times faster than AWS's, 1 to
                     100 (10 at first); up, preview, refresh, destroy, serve and
                     start set it, and the account keeps it
      --latency N    let things be made and deleted N times faster than on AWS, 1 to
                     1000, and tell how long that takes there (at once unless given)
      --faults FILE  let calls to the account fail as FILE says
      --rules off    let the account take what it is given (on unless given); these
                     three go with up, preview, refresh, destroy and serve

Examples:
  go run ./local preview
  go run ./local up --stack prod --yes
  go run ./local stack output --stack prod
  go run ./local status
  go run ./local logs php-fpm --follow
  go run ./local destroy --stack dev --yes

Settings come from Pulumi.<stack>.yaml, which is never written to; --config
key=value overrides one for one run.
`
