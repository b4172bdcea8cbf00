// Package network makes VPCs real: each is a network of the Docker engine, where its containers find each other
// by name. The address ranges of a VPC and its subnets stay on paper: the engine picks free ones of this machine.
package network

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

const (
	vpcType    = "aws:ec2/vpc:Vpc"
	subnetType = "aws:ec2/subnet:Subnet"

	// kind is the label of a VPC's network.
	kind = "network"

	// detachTimeout bounds how long a deleted VPC waits for the last containers to leave its network.
	detachTimeout = 30 * time.Second
	detachPause   = 200 * time.Millisecond
)

// Env is what the part needs.
type Env struct {
	Account *account.Account
	Machine *machine.Machine
}

// Part makes the networks of VPCs when something needs them, and removes them with their VPC.
type Part struct{ env Env }

// New returns the part.
func New(e Env) *Part { return &Part{e} }

// Types are those that it makes real.
func (p *Part) Types() []string { return []string{vpcType} }

// Ensure makes the network of a VPC, unless it is there, and returns what the Docker engine calls it.
func (p *Part) Ensure(ctx context.Context, vpcID string) (string, error) {
	var vpc *account.Resource
	err := p.env.Account.View(func(tx *account.Tx) (err error) {
		vpc, err = find(tx, vpcType, vpcID)
		return err
	})
	if err != nil {
		return "", err
	}
	if vpc == nil {
		return "", fmt.Errorf("the VPC %q does not exist", vpcID)
	}
	return p.env.Machine.EnsureNetwork(ctx, vpcID, p.env.Machine.Labels(kind, vpcID, map[string]string{
		machine.LabelStack: part.Stack(*vpc),
	}))
}

// OfSubnet is the id of the VPC that a subnet is in, empty when there is no such subnet.
func OfSubnet(tx *account.Tx, subnetID string) (vpcID string, err error) {
	subnet, err := find(tx, subnetType, subnetID)
	if err != nil || subnet == nil {
		return "", err
	}
	return subnet.Outputs.String("vpcId"), nil
}

// OfSubnetGroup is the id of the VPC that a subnet group is in, empty when there is no such group. The type is
// RDS's or ElastiCache's: "aws:rds/subnetGroup:SubnetGroup".
func OfSubnetGroup(tx *account.Tx, typ, name string) (vpcID string, err error) {
	group, err := find(tx, typ, name)
	if err != nil || group == nil {
		return "", err
	}
	return group.Outputs.String("vpcId"), nil
}

func find(tx *account.Tx, typ, id string) (*account.Resource, error) {
	all, err := tx.ByType(typ)
	for _, r := range all {
		if r.ID == id {
			return &r, nil
		}
	}
	return nil, err
}

// Run removes the networks of VPCs that are gone: a process that died may have left them.
func (p *Part) Run(ctx context.Context, wake <-chan struct{}) error {
	for {
		if err := p.tidy(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		}
	}
}

func (p *Part) tidy(ctx context.Context) error {
	// The networks first: a VPC is in the account before its network is there.
	there, err := p.env.Machine.FindNetworks(ctx, map[string]string{machine.LabelKind: kind})
	if err != nil {
		return err
	}
	known := map[string]bool{}
	if err := p.env.Account.View(func(tx *account.Tx) error {
		all, err := tx.ByType(vpcType)
		for _, r := range all {
			known[r.ID] = true
		}
		return err
	}); err != nil {
		return err
	}
	for _, n := range there {
		if id := n.Labels[machine.LabelID]; !known[id] {
			// In use: it goes when what is in it has gone.
			_ = p.env.Machine.RemoveNetwork(ctx, id)
		}
	}
	return nil
}

// Await has nothing to wait for: the network is made when something needs it.
func (p *Part) Await(context.Context, account.Resource, part.Say) error { return nil }

// Release removes the network of a VPC, once the last containers have left it.
func (p *Part) Release(ctx context.Context, r account.Resource, say part.Say) error {
	ctx, cancel := context.WithTimeout(ctx, detachTimeout)
	defer cancel()
	told := false
	for {
		err := p.env.Machine.RemoveNetwork(ctx, r.ID)
		if err == nil {
			return nil
		}
		if !told {
			told = true
			say("waiting for the last containers to leave the network of " + r.ID)
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the network of %s is still in use", r.ID), err)
		case <-time.After(detachPause):
		}
	}
}

// Suspend has nothing to stop.
func (p *Part) Suspend(context.Context, part.Say) error { return nil }

// Status has nothing to tell: what is in the network tells of itself.
func (p *Part) Status(context.Context) ([]part.Row, error) { return nil, nil }
