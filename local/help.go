package main

const helpText = `Pulumi, with this machine as its cloud.

Usage: go run ./local <command> [flags]

Runs this project with the real Pulumi CLI and engine against an emulated AWS
account. No AWS account and no AWS credentials are used, and nothing leaves
this machine. The first command builds the Pulumi CLI, which takes about
4 minutes.

Pulumi's commands, with all their flags:
  preview            show what would change
  up                 create or update the resources of a stack
  refresh            read what exists back into the state
  destroy            delete the resources of a stack
  stack, state, ...  everything else that needs no Pulumi Cloud
                     (help COMMAND tells more)

Commands of the local cloud:
  resources          list what exists in the emulated account (--json)
  serve              run the cloud in the foreground, for the official Pulumi CLI
                     (--port N: the first of four ports; free ones otherwise)
  version            print the version of the Pulumi CLI that is used
  help [COMMAND]     print this, or the help of one of Pulumi's commands

Flags:
  -s, --stack NAME   the stack; the selected one, or dev, unless given
      --home DIR     where account, state and registry are kept (default: .local
                     in the project)
  -C, --cwd DIR      the project's directory
      --program FILE run a program that is compiled already

Examples:
  go run ./local preview
  go run ./local up --stack prod --yes
  go run ./local stack output --stack prod
  go run ./local destroy --stack dev --yes

Settings come from Pulumi.<stack>.yaml, which is never written to; --config
key=value overrides one for one run.
`
