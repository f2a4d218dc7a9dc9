// Package outcomes has what the programs share: requests from stdin, and outcomes to stdout.
package outcomes

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Request is a request of ../../requests.ts.
type Request struct {
	Operation, Url, Token, AppId, AppKey string
	IfNoneMatch, Since                   *string
	Body                                 json.RawMessage
}

// Print reads the requests, and prints their outcomes.
func Print(outcomeOf func(Request) string) {
	var requests []Request
	Check(json.NewDecoder(os.Stdin).Decode(&requests))
	outcomes := []string{}
	for _, request := range requests {
		outcomes = append(outcomes, outcomeOf(request))
	}
	Check(json.NewEncoder(os.Stdout).Encode(outcomes))
}

// Found is the outcome for an app.
func Found[N int | int32](id, key string, maxConnections *N, eventTypes []string, consistent *bool) string {
	return Consistent(fmt.Sprintf("200 %s %s %d %s", id, key, *maxConnections, strings.Join(eventTypes, ",")), consistent)
}

// Consistent is the outcome of a read that may have been consistent.
func Consistent(outcome string, consistent *bool) string {
	if consistent != nil && *consistent {
		return outcome + " consistent"
	}
	return outcome
}

// List is the outcome for a batch, or for changes.
func List[T any](items []T, outcomeOf func(T) string) string {
	outcomes := []string{}
	for _, item := range items {
		outcomes = append(outcomes, outcomeOf(item))
	}
	return "200 [" + strings.Join(outcomes, "; ") + "]"
}

// Check ends the program with this error, if there is one.
func Check(err error) {
	if err != nil {
		panic(err)
	}
}
