// Snappy's block format, as Grafana's stores use it.
package snappy

import "fmt"

func prepare(operation, name string) (func() ([]byte, error), error) {
	input := inputs[name]
	switch operation {
	case "compress":
		return func() ([]byte, error) { return Encode(nil, input), nil }, nil
	case "expand":
		return func() ([]byte, error) { return Decode(nil, input) }, nil
	}
	return nil, fmt.Errorf("unknown operation %s", operation)
}
