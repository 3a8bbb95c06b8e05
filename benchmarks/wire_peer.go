// A peer in the benchmark of the wire: the decoder of github.com/teafull/hjt212 (MIT), fetched by whoever runs this.
// Input: a file of packets; output: a JSON line. "gate" files hold one packet in a line, escaped; its verdicts are printed.
package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"github.com/teafull/hjt212/protocol"
)

func cpu() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Sec+usage.Stime.Sec) + float64(usage.Utime.Usec+usage.Stime.Usec)/1e6
}

func main() {
	out := os.Stdout
	os.Stdout, _ = os.OpenFile(os.DevNull, os.O_WRONLY, 0) // the library prints every data area
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	decoder := protocol.HjtDecoder{}
	if len(os.Args) > 2 && os.Args[2] == "gate" {
		for _, line := range bytes.Split(bytes.TrimRight(data, "\n"), []byte("\n")) {
			raw, err := strconv.Unquote(string(line))
			if err != nil {
				panic(err)
			}
			_, refused := decoder.Decoder([]byte(raw))
			fmt.Fprintln(out, refused == nil)
		}
		return
	}
	best, count, entries := 0.0, 0, 0
	for round := 0; round < 3; round++ {
		count, entries = 0, 0
		start := cpu()
		for at := 0; at+12 <= len(data); {
			length, _ := strconv.Atoi(string(data[at+2 : at+6]))
			found, err := decoder.Decoder(data[at : at+length+12])
			if err != nil {
				panic(err)
			}
			count++
			entries += len(found.Package[1])
			at += length + 12
		}
		if taken := cpu() - start; best == 0 || taken < best {
			best = taken
		}
	}
	fmt.Fprintf(out, "{\"packets\": %d, \"entries\": %d, \"seconds\": %f}\n", count, entries, best)
}
