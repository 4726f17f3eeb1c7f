//go:build components

// Package components names the program that script/cluster builds of etcd.
package components

import _ "go.etcd.io/etcd/server/v3"
