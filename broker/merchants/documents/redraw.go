package documents

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
)

const (
	maxPixels = 40_000_000 // A4 at 600 dpi has 35 million
	longest   = 1<<16 - 1  // side, as in JPEG
	maxMemory = 64 << 20   // of the decoded original: A4 at 400 dpi in colour as PNG, at 600 dpi as JPEG
	maxSide   = 3508       // of the derivative: A4 at 300 dpi
	quality   = 90
)

// redraw decodes a picture and encodes its pixels anew: nothing but what can be
// seen comes over. It is turned as its EXIF says, and laid on white, so that
// nothing is hidden under what is transparent.
func redraw(b []byte, kind Kind, over func() bool) ([]byte, error) {
	src, turn, err := decode(b, kind, over)
	if err != nil {
		return nil, err
	}
	grey := false
	switch src.ColorModel() {
	case color.GrayModel, color.Gray16Model:
		grey = true
	}
	picture := turned(scaled(src, maxSide), turn)
	src = nil // what is not held any more need not be there twice
	for {
		out, err := encode(picture, grey, kind)
		if err != nil || len(out) <= MaxBytes {
			return out, err // noise as PNG takes more than 20 MiB at full size
		}
		picture = scaled(picture, max(picture.Rect.Dx(), picture.Rect.Dy())/2)
	}
}

// decode gives the picture, and how it is to be turned, when it is known to be
// of a size that can be decoded.
func decode(b []byte, kind Kind, over func() bool) (image.Image, int, error) {
	if kind == PNG {
		exif, whole := exifOfPNG(b)
		if !whole {
			return nil, 0, ErrTruncated
		}
		config, err := png.DecodeConfig(bytes.NewReader(b))
		if err != nil {
			return nil, 0, broken(err)
		}
		if err := bounded(config, 8*pngCost(config.ColorModel)); err != nil {
			return nil, 0, err
		}
		src, err := png.Decode(punctual{bytes.NewReader(b), over})
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
	src, err := jpeg.Decode(punctual{bytes.NewReader(b), over})
	if err != nil {
		return nil, 0, broken(err)
	}
	return src, orientation(exifOf(all)), nil
}

// bounded refuses a picture that takes more pixels, or more memory, than is given to one.
func bounded(c image.Config, bitsPerPixel int64) error {
	w, h := int64(c.Width), int64(c.Height)
	if w <= 0 || h <= 0 {
		return ErrDamaged
	}
	if w > longest || h > longest || w*h > maxPixels || w*h*bitsPerPixel > 8*maxMemory {
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

// jpegCost counts the bits of a pixel: of its samples, as the picture has them, of
// another colour model that they are made into, and of the coefficients of four bytes
// that the decoder holds for each sample of a progressive picture.
func jpegCost(m color.Model, all []segment) int64 {
	bits, progressive := int64(32), false
	for _, s := range all {
		if s.marker >= markSOF0 && s.marker <= markSOF2 {
			bits, progressive = sampled(s.body), s.marker == markSOF2
		}
	}
	cost := bits
	if progressive {
		cost *= 5
	}
	if m == color.RGBAModel || m == color.CMYKModel {
		cost += 32
	}
	return cost
}

// sampled are the bits of a pixel's samples: a component can have fewer of them than
// there are pixels.
func sampled(frame []byte) (bits int64) {
	const head, most = 6, 4 // bytes, components
	var area [most]int64
	n, largest := 0, int64(0)
	for at := head; at+3 <= len(frame) && n < most; at += 3 {
		area[n] = int64(frame[at+1]>>4) * int64(frame[at+1]&15)
		largest = max(largest, area[n])
		n++
	}
	if n == 0 || largest == 0 {
		return 8 * most
	}
	for _, a := range area[:n] {
		bits += (8*a + largest - 1) / largest
	}
	return bits
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
