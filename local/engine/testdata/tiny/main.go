// A program of one or two resources of a provider that the tests serve.
package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

type thing struct {
	pulumi.CustomResourceState

	Size pulumi.IntOutput `pulumi:"size"`
}

func main() { pulumi.Run(deploy) }

func deploy(ctx *pulumi.Context) error {
	setting := func(key string) string {
		value, _ := ctx.GetConfig("tiny:" + key)
		return value
	}
	switch setting("mode") {
	case "error":
		return fmt.Errorf("the mode is error")
	case "exit":
		os.Exit(7)
	}
	fmt.Println("printed by the program")
	for _, entry := range os.Environ() {
		if len(entry) > 4 && entry[:4] == "AWS_" {
			fmt.Println(entry)
		}
	}

	size, err := strconv.Atoi(setting("size"))
	if err != nil {
		return fmt.Errorf("the size: %w", err)
	}
	args := pulumi.Map{"size": pulumi.Int(size)}
	var first, second thing
	if err := ctx.RegisterResource("fake:index:Thing", "first", args, &first,
		pulumi.Protect(setting("protected") == "true")); err != nil {
		return err
	}
	if setting("slow") == "true" {
		args := pulumi.Map{"size": pulumi.Int(0), "slow": pulumi.Bool(true)}
		if err := ctx.RegisterResource("fake:index:Thing", "second", args, &second,
			pulumi.DependsOn([]pulumi.Resource{&first})); err != nil {
			return err
		}
	}
	ctx.Export("size", first.Size)
	ctx.Export("secret", pulumi.ToSecret("hunter2"))
	return nil
}
