// Lists an S3 bucket once, as Tempo does when it starts: with minio-go, and with keys from the
// places that minio-go knows. Which these are depends on minio-go's version, and nothing else here
// does: the image is built with several.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

func main() {
	endpoint := flag.String("endpoint", "", "host:port of the S3 server, without TLS")
	bucket := flag.String("bucket", "", "bucket to list")
	region := flag.String("region", "us-east-1", "the bucket's region")
	listen := flag.String("listen", ":8080", "where /ready answers once the bucket was listed")
	flag.Parse()
	log.SetFlags(0)

	if err := list(*endpoint, *bucket, *region); err != nil {
		log.Fatalf("level=error err=%q", err.Error())
	}
	http.HandleFunc("/ready", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ready") })
	log.Fatal(http.ListenAndServe(*listen, nil))
}

func list(endpoint, bucket, region string) error {
	chain := credentials.NewChainCredentials([]credentials.Provider{
		&credentials.EnvAWS{},
		&credentials.EnvMinio{},
		&credentials.FileAWSCredentials{},
		&credentials.FileMinioClient{},
		&credentials.IAM{Client: &http.Client{Transport: http.DefaultTransport}},
	})
	keys, err := chain.Get()
	if err != nil {
		return fmt.Errorf("no credentials: %w", err)
	}
	log.Printf("level=info msg=credentials signer=%s", keys.SignerType)

	core, err := minio.NewCore(endpoint, &minio.Options{Creds: chain, Region: region})
	if err != nil {
		return err
	}
	found, err := core.ListObjects(bucket, "", "", "/", 0)
	if err != nil {
		return fmt.Errorf("unexpected error from ListObjects on %s: %w", bucket, err)
	}
	log.Printf("level=info msg=listed bucket=%s objects=%d", bucket, len(found.Contents))
	return nil
}
