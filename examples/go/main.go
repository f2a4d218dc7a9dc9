// Prints the key of an app, with the client that oapi-codegen generates from openapi.yaml.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"example/lookup"
)

//go:generate go tool oapi-codegen --config oapi-codegen.yaml ../../openapi.yaml

func main() {
	authorize := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+os.Getenv("LOOKUP_TOKEN"))
		return nil
	}
	client, err := lookup.NewClientWithResponses(os.Getenv("LOOKUP_URL"), lookup.WithRequestEditorFn(authorize))
	if err != nil {
		fail(err)
	}
	response, err := client.FindAppByIdWithResponse(context.Background(), os.Args[1], nil)
	switch {
	case err != nil:
		fail(err)
	case response.JSON200 != nil:
		fmt.Println(response.JSON200.App.Key)
	case response.ApplicationproblemJSON404 != nil:
		fmt.Println("No app has this id.")
	default: // Nothing is known about the app. Keep what you have, and try again.
		fail(response.Status())
	}
}

func fail(reason any) {
	fmt.Fprintln(os.Stderr, "The lookup failed:", reason)
	os.Exit(1)
}
