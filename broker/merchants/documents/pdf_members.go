package documents

import (
	"bytes"
	"maps"
	"slices"
)

// reading is how an object is read: what it may have in it depends on whose member it
// is. Names are of closed lists, but those of fonts, of their letters and of inks; texts
// are none but the colours of a palette, and streams stand where they belong.
type reading uint8

const (
	numbers reading = iota // and yes or no
	names                  // of fonts
	types                  // of typesTable
	intents
	modes // how colours are blended
	letterNames
	encoders // of letters: a name, a dictionary or a program
	unicode  // what letters stand for
	program  // what a program of letters begins with
	typeface
	descriptor
	fontFile
	glyphs  // by the numbers of letters
	system  // whose letters those are
	letters // the drawings of letters, by names that the file gives them
	drawing
	state
	stateFont
	softMask
	group // of a page or a form, as transparency has it
	function
	shading
	spaces // of colours
	calibration
	profile
	xobject // a picture or a form
	mask
	pattern
	picturing // the members of a picture, and of a form
	forming
	offered // resources, when all that draws with them was written
)

// takesStream says whether a stream can be read so.
func (r reading) takesStream() bool {
	switch r {
	case encoders, unicode, program, fontFile, glyphs, drawing, function, shading, profile, xobject, pattern:
		return true
	default:
		return false
	}
}

// keptTable are the members that what is drawn can have, by whose they are, and how each
// is read. All else is left behind: actions, scripts, forms, annotations, attachments,
// metadata, thumbnails, layers, what describes a font that is not there, and what
// producers keep for themselves are none of these.
var keptTable = map[reading]map[pdfName]reading{
	typeface: keptNames(map[reading]string{
		types: "Type Subtype", names: "BaseFont", numbers: "FirstChar LastChar Widths DW W DW2 W2 FontBBox FontMatrix", descriptor: "FontDescriptor",
		encoders: "Encoding", unicode: "ToUnicode", typeface: "DescendantFonts", system: "CIDSystemInfo", glyphs: "CIDToGIDMap", letters: "CharProcs",
	}),
	descriptor: keptNames(map[reading]string{
		types: "Type", names: "FontName", fontFile: "FontFile FontFile2 FontFile3",
		numbers: "Flags FontBBox FontWeight ItalicAngle Ascent Descent Leading CapHeight XHeight StemV StemH AvgWidth MaxWidth MissingWidth",
	}),
	fontFile: keptNames(map[reading]string{types: "Subtype", numbers: "Length1 Length2 Length3"}),
	encoders: keptNames(map[reading]string{types: "Type", encoders: "BaseEncoding", letterNames: "Differences"}),
	program:  keptNames(map[reading]string{types: "Type", numbers: "WMode", system: "CIDSystemInfo", program: "UseCMap"}),
	unicode:  keptNames(map[reading]string{types: "Type"}),
	state: keptNames(map[reading]string{
		types: "Type", numbers: "LW LC LJ ML D OP op OPM FL SM SA CA ca AIS TK", intents: "RI", modes: "BM", stateFont: "Font", softMask: "SMask", function: "TR TR2",
	}),
	softMask:    keptNames(map[reading]string{types: "Type S", numbers: "BC", xobject: "G", function: "TR"}),
	group:       keptNames(map[reading]string{types: "Type S", numbers: "I K", spaces: "CS"}),
	function:    keptNames(map[reading]string{numbers: "FunctionType Domain Range Size BitsPerSample Order Encode Decode C0 C1 N Bounds", function: "Functions"}),
	calibration: keptNames(map[reading]string{numbers: "WhitePoint BlackPoint Gamma Matrix Range"}),
	profile:     keptNames(map[reading]string{numbers: "N Range"}),
	shading: keptNames(map[reading]string{
		numbers: "ShadingType Background BBox AntiAlias Coords Domain Extend Matrix BitsPerCoordinate BitsPerComponent BitsPerFlag Decode VerticesPerRow",
		spaces:  "ColorSpace", function: "Function",
	}),
	pattern: keptNames(map[reading]string{
		types: "Type", numbers: "PatternType PaintType TilingType BBox XStep YStep Matrix", shading: "Shading", state: "ExtGState",
	}),
	picturing: keptNames(map[reading]string{
		types: "Type Subtype", numbers: "Width Height BitsPerComponent ImageMask Decode Interpolate Matte", intents: "Intent", spaces: "ColorSpace", mask: "Mask",
		xobject: "SMask",
	}),
	forming: keptNames(map[reading]string{types: "Type Subtype", numbers: "FormType BBox Matrix", group: "Group"}),
}

func keptNames(all map[reading]string) map[pdfName]reading {
	out := map[pdfName]reading{}
	for as, keys := range all {
		for _, n := range bytes.Fields([]byte(keys)) {
			out[pdfName(n)] = as
		}
	}
	return out
}

// namesTable are the names that can be read so; of any other reading none can.
var namesTable = map[reading][]pdfName{
	types: listed("Font FontDescriptor Encoding CMap ExtGState XObject Pattern Mask Group Image Form " +
		"Type0 Type1 MMType1 Type3 TrueType CIDFontType0 CIDFontType2 Type1C CIDFontType0C OpenType Transparency Alpha Luminosity"),
	intents:  listed("AbsoluteColorimetric RelativeColorimetric Perceptual Saturation"),
	modes:    listed("Normal Compatible Multiply Screen Overlay Darken Lighten ColorDodge ColorBurn HardLight SoftLight Difference Exclusion Hue Saturation Color Luminosity"),
	softMask: listed("None"),
	function: listed("Identity Default"),
	glyphs:   listed("Identity"),
	spaces:   listed("DeviceGray DeviceRGB DeviceCMYK CalGray CalRGB CalCMYK Pattern"),
	encoders: append(listed("StandardEncoding MacRomanEncoding MacExpertEncoding WinAnsiEncoding"), mappedTable...),
	program:  mappedTable, unicode: mappedTable,
}

// mappedTable are the maps of characters that every reader has (ISO 32000-2, 9.7.5.2).
var mappedTable = listed("Identity-H Identity-V GB-EUC-H GB-EUC-V GBpc-EUC-H GBpc-EUC-V GBK-EUC-H GBK-EUC-V GBKp-EUC-H GBKp-EUC-V GBK2K-H GBK2K-V " +
	"UniGB-UCS2-H UniGB-UCS2-V UniGB-UTF16-H UniGB-UTF16-V B5pc-H B5pc-V HKscs-B5-H HKscs-B5-V ETen-B5-H ETen-B5-V ETenms-B5-H ETenms-B5-V CNS-EUC-H CNS-EUC-V " +
	"UniCNS-UCS2-H UniCNS-UCS2-V UniCNS-UTF16-H UniCNS-UTF16-V 83pv-RKSJ-H 90ms-RKSJ-H 90ms-RKSJ-V 90msp-RKSJ-H 90msp-RKSJ-V 90pv-RKSJ-H Add-RKSJ-H Add-RKSJ-V " +
	"EUC-H EUC-V Ext-RKSJ-H Ext-RKSJ-V H V UniJIS-UCS2-H UniJIS-UCS2-V UniJIS-UCS2-HW-H UniJIS-UCS2-HW-V UniJIS-UTF16-H UniJIS-UTF16-V UniJIS2004-UTF16-H UniJIS2004-UTF16-V " +
	"KSC-EUC-H KSC-EUC-V KSCms-UHC-H KSCms-UHC-V KSCms-UHC-HW-H KSCms-UHC-HW-V KSCpc-EUC-H UniKS-UCS2-H UniKS-UCS2-V UniKS-UTF16-H UniKS-UTF16-V")

func listed(names string) (all []pdfName) {
	for _, n := range bytes.Fields([]byte(names)) {
		all = append(all, pdfName(n))
	}
	return all
}

// longestName is how long a name can be (ISO 32000-1, C.2).
const longestName = 127

// value is an object as the new PDF has it; nil is what does not come over. What is
// used by many pages is looked at for each, and paid for; full says when that was
// too much.
func (w *pdfWriter) value(o any, as reading) any {
	if w.f.budget.parts--; w.f.budget.parts < 0 {
		return nil
	}
	switch o := o.(type) {
	case pdfRef:
		return w.refer(source{number: int(o), as: w.behind(o, as)})
	case pdfArray:
		return w.array(o, as)
	case pdfDict:
		if as == system {
			return w.system(o)
		}
		return w.members(o, as)
	case pdfName:
		free := as == names || as == letterNames
		if free && len(o) > longestName || !free && !slices.Contains(namesTable[as], o) {
			return nil
		}
		return o
	case pdfNumber, bool:
		if as == numbers || as == letterNames {
			return o
		}
	}
	return nil // a text, a stream that is not referred to, null
}

// behind is how what is referred to is read, where that depends on what it is.
func (w *pdfWriter) behind(ref pdfRef, as reading) reading {
	if as != mask {
		return as
	}
	if _, picture := w.got(ref).(pdfStream); picture {
		return xobject
	}
	return numbers
}

// got is what is referred to; what went wrong is kept.
func (w *pdfWriter) got(o any) any {
	o, err := w.f.get(o)
	if err != nil && w.err == nil {
		w.err = err
	}
	return o
}

func (w *pdfWriter) array(o pdfArray, as reading) any {
	if as == spaces {
		return w.space(o)
	}
	out := make(pdfArray, len(o))
	for i := range o {
		next := as
		switch {
		case as == mask, as == stateFont && i > 0:
			next = numbers
		case as == stateFont:
			next = typeface
		}
		out[i] = w.value(o[i], next)
	}
	return out
}

// members are those of a dictionary that come over.
func (w *pdfWriter) members(o pdfDict, as reading) any {
	w.f.budget.parts -= len(o)
	kept, is := keptTable[as]
	if !is {
		return nil
	}
	out := pdfDict{}
	for _, key := range slices.Sorted(maps.Keys(o)) { // numbers are given on the way
		next, keep := kept[key]
		if !keep {
			continue
		}
		if next == letters {
			if err := w.letters(out, o); err != nil && w.err == nil {
				w.err = err
			}
		} else if v := w.value(o[key], next); v != nil {
			out[key] = v
		}
	}
	return out
}

// system says whose numbers letters have: one of five that readers know, or their own.
func (w *pdfWriter) system(o pdfDict) pdfDict {
	out := pdfDict{"Registry": pdfString("Adobe"), "Ordering": pdfString("Identity"), "Supplement": pdfNumber("0")}
	ordering, _ := w.got(o["Ordering"]).(pdfString)
	if slices.Contains([]pdfString{"GB1", "CNS1", "Japan1", "Korea1", "KR"}, ordering) {
		out["Ordering"] = ordering
		if n, is := whole(w.got(o["Supplement"])); is && n >= 0 && n < 16 {
			out["Supplement"] = w.got(o["Supplement"])
		}
	}
	return out
}

// space is a space of colours: of one of these kinds, with what such a one has.
func (w *pdfWriter) space(o pdfArray) any {
	if len(o) == 0 {
		return nil
	}
	kind, _ := w.got(o[0]).(pdfName)
	read := func(all ...reading) any {
		if len(o) <= len(all) {
			return nil
		}
		out := pdfArray{kind}
		for i, as := range all {
			out = append(out, w.value(o[1+i], as))
		}
		return out
	}
	switch kind {
	case "ICCBased":
		return read(profile)
	case "Separation":
		return read(names, spaces, function)
	case "DeviceN":
		return read(names, spaces, function)
	case "CalGray", "CalRGB", "Lab":
		return read(calibration)
	case "Indexed":
		return w.palette(o)
	case "Pattern":
		if len(o) > 1 {
			return read(spaces)
		}
	default:
	}
	if slices.Contains(namesTable[spaces], kind) {
		return pdfArray{kind}
	}
	return nil
}

// palette has as many colours as it says, in so many bytes.
func (w *pdfWriter) palette(o pdfArray) any {
	if len(o) != 4 {
		return nil
	}
	last, is := whole(w.got(o[2]))
	samples := w.f.channels(o[1])
	if !is || last < 0 || last > 255 || samples == 0 {
		return nil
	}
	var colours []byte
	switch all := w.got(o[3]).(type) {
	case pdfString:
		colours = []byte(all)
	case pdfStream:
		b, err := w.f.unpack(all)
		if err == nil {
			err = w.f.pay(len(b))
		}
		if err != nil {
			w.err = err
			return nil
		}
		colours = b
	}
	colours = colours[:min(len(colours), (last+1)*int(samples))]
	return pdfArray{pdfName("Indexed"), w.value(o[1], spaces), w.got(o[2]), pdfString(colours)}
}
