// Snappy's block format, as Grafana's stores use it.
package snappy

import "fmt"

func prepare(operation, name string) (*task, error) {
	input := inputs[name]
	switch operation {
	case "compress":
		return &task{work: func() ([]byte, error) { return Encode(nil, input), nil }}, nil
	case "expand":
		return &task{work: func() ([]byte, error) { return Decode(nil, input) }}, nil
	}
	return nil, fmt.Errorf("unknown operation %s", operation)
}
