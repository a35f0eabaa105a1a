package documents_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"strings"

	"bauta.dev/bauta/broker/merchants/documents"
	"bauta.dev/bauta/masking/fault"
)

func ExampleRead() {
	var upload bytes.Buffer
	if err := jpeg.Encode(&upload, image.NewGray(image.Rect(0, 0, 100, 50)), nil); err != nil {
		panic(err)
	}
	d, err := documents.Read(&upload)
	fmt.Println(d.Kind, d.Original, err)

	_, err = documents.Read(strings.NewReader(`<svg onload="alert(1)"/>`))
	fmt.Println(errors.Is(err, documents.ErrSVG), fault.Of(err).Code)
	// Output:
	// image/jpeg ••• <nil>
	// true document_svg
}
