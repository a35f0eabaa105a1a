package documents

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"slices"
)

const (
	maxPixels = 40_000_000 // A4 at 600 dpi has 35 million
	longest   = 1<<16 - 1  // side, as in JPEG
	maxMemory = 256 << 20  // of the decoded original
	maxSide   = 4000       // of the derivative
	quality   = 90
)

// redraw decodes a picture and encodes its pixels anew: nothing but what can be
// seen comes over. It is turned as its EXIF says, and laid on white, so that
// nothing is hidden under what is transparent.
func redraw(b []byte, kind Kind) ([]byte, error) {
	src, turn, err := decode(b, kind)
	if err != nil {
		return nil, err
	}
	grey := false
	switch src.ColorModel() {
	case color.GrayModel, color.Gray16Model:
		grey = true
	}
	for side := maxSide; ; side /= 2 {
		picture := turned(scaled(src, side), turn)
		out, err := encode(picture, grey, kind)
		if err != nil || len(out) <= MaxBytes {
			return out, err // noise as PNG takes more than 20 MiB at full size
		}
	}
}

// decode gives the picture, and how it is to be turned, when it is known to be
// of a size that can be decoded.
func decode(b []byte, kind Kind) (image.Image, int, error) {
	if kind == PNG {
		exif, whole := exifOfPNG(b)
		if !whole {
			return nil, 0, ErrTruncated
		}
		config, err := png.DecodeConfig(bytes.NewReader(b))
		if err != nil {
			return nil, 0, broken(err)
		}
		if err := bounded(config, pngCost(config.ColorModel)); err != nil {
			return nil, 0, err
		}
		src, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			return nil, 0, broken(err)
		}
		return src, orientation(exif), nil
	}
	all, err := segments(b)
	if err != nil {
		return nil, 0, err
	}
	config, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, 0, broken(err)
	}
	if err := bounded(config, jpegCost(config.ColorModel, all)); err != nil {
		return nil, 0, err
	}
	src, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, 0, broken(err)
	}
	return src, orientation(exifOf(all)), nil
}

func bounded(c image.Config, bytesPerPixel int64) error {
	w, h := int64(c.Width), int64(c.Height)
	if w <= 0 || h <= 0 {
		return ErrDamaged
	}
	if w > longest || h > longest || w*h > maxPixels || w*h*bytesPerPixel > maxMemory {
		return ErrPixels
	}
	return nil
}

func pngCost(m color.Model) int64 {
	switch m {
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.RGBAModel, color.NRGBAModel:
		return 4
	}
	return 1 // a palette
}

// jpegCost counts what the decoder holds for a progressive picture besides: a
// coefficient of four bytes for each sample.
func jpegCost(m color.Model, all []segment) int64 {
	channels := int64(4)
	switch m {
	case color.GrayModel:
		channels = 1
	case color.YCbCrModel, color.RGBAModel:
		channels = 3
	}
	if slices.ContainsFunc(all, func(s segment) bool { return s.marker == markSOF2 }) {
		return channels * 5
	}
	return channels
}

// scaled draws a picture on white, with no side longer than side. Where it is
// made smaller, each pixel is the mean of those that it stands for.
func scaled(src image.Image, side int) *image.RGBA {
	from := src.Bounds()
	w, h := fit(from.Dx(), from.Dy(), side)
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if out.Rect.Size() == from.Size() {
		draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(out, out.Rect, src, from.Min, draw.Over)
		return out
	}
	row := image.NewRGBA(image.Rect(0, 0, from.Dx(), 1))
	sums := make([]uint64, 3*w)
	for y := range h {
		top, bottom := y*from.Dy()/h, (y+1)*from.Dy()/h
		clear(sums)
		for line := top; line < bottom; line++ {
			draw.Draw(row, row.Rect, image.White, image.Point{}, draw.Src)
			draw.Draw(row, row.Rect, src, image.Pt(from.Min.X, from.Min.Y+line), draw.Over)
			add(sums, row.Pix, w)
		}
		put(out.Pix[y*out.Stride:], sums, from.Dx(), bottom-top)
	}
	return out
}

func fit(w, h, side int) (int, int) {
	switch {
	case w <= side && h <= side:
		return w, h
	case w >= h:
		return side, max(1, h*side/w)
	default:
		return max(1, w*side/h), side
	}
}

// add sums a row's pixels up into as many columns as sums has.
func add(sums []uint64, pix []byte, columns int) {
	from := len(pix) / 4
	for x := range columns {
		for at := x * from / columns; at < (x+1)*from/columns; at++ {
			sums[3*x] += uint64(pix[4*at])
			sums[3*x+1] += uint64(pix[4*at+1])
			sums[3*x+2] += uint64(pix[4*at+2])
		}
	}
}

// put writes the means of sums over rows that were from pixels wide.
func put(pix []byte, sums []uint64, from, rows int) {
	columns := len(sums) / 3
	for x := range columns {
		n := uint64(((x+1)*from/columns - x*from/columns) * rows) //nolint:gosec // at least 1
		for c := range 3 {
			pix[4*x+c] = byte((sums[3*x+c] + n/2) / n) //nolint:gosec // a mean of bytes
		}
		pix[4*x+3] = 0xff
	}
}

// turned is a picture as its EXIF says that it is to be seen.
func turned(p *image.RGBA, turn int) *image.RGBA {
	if turn == 1 {
		return p
	}
	w, h := p.Rect.Dx(), p.Rect.Dy()
	size := p.Rect
	if turn >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			tx, ty := moved(x, y, w, h, turn)
			copy(out.Pix[ty*out.Stride+4*tx:][:4], p.Pix[y*p.Stride+4*x:])
		}
	}
	return out
}

// moved is where a pixel of a picture of w by h comes to stand.
func moved(x, y, w, h, turn int) (int, int) {
	switch turn {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return y, w - 1 - x
	}
	return x, y
}

func encode(p *image.RGBA, grey bool, kind Kind) ([]byte, error) {
	var picture image.Image = p
	if grey {
		g := image.NewGray(p.Rect)
		for i := range g.Pix {
			g.Pix[i] = p.Pix[4*i]
		}
		picture = g
	}
	var out bytes.Buffer
	if kind == PNG {
		err := png.Encode(&out, picture)
		return out.Bytes(), err
	}
	err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}
