package masking

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const dot = "•"

// Mask is the hint by which the owner recognises a value of a field, and
// Hidden whenever the shape is unknown or too few people share the hint. It
// depends on nothing but the value as Normalize left it, and is meant to be
// made once per value version and stored: two masks of one value by two
// versions of this package can be joined.
//
//	name       J•••            李•, 张••
//	first_name J•••            ••• in Han: with the name's hint it would be the name
//	email      j•••@gmail.com  •••@•••.com
//	phone      +1 ••• ••• ••32
//	address    CA 940••        北京市海淀区•••
//	locality   CA •••          北京市•••
func Mask(f Field, v Value) string {
	if f == FullAddress || f == Locality {
		return maskPlace(f, v.Address)
	}
	s := v.Text.Reveal()
	if s == "" || !utf8.ValidString(s) {
		return Hidden
	}
	s = norm.NFC.String(s)
	switch f {
	case Name:
		return maskName(s)
	case FirstName:
		return maskFirstName(s)
	case Email:
		return maskEmail(s)
	case Phone:
		return maskPhone(s)
	case FullAddress, Locality, Instructions:
	}
	return Hidden
}

// script is a way of writing in which one letter tells little.
type script uint8

const (
	unknown script = iota
	latin
	greek
	cyrillic
	han
)

// scriptOf leaves out the rare letters of each script: one of those alone
// would find its owner.
func scriptOf(r rune) script {
	switch {
	case unicode.Is(unicode.Han, r) && unicode.IsLetter(r):
		return han
	case !unicode.IsUpper(r) && !unicode.IsLower(r):
		return unknown
	case unicode.Is(unicode.Latin, r) && (r <= 0x24F || r >= 0x1E00 && r <= 0x1EFF):
		return latin
	case unicode.Is(unicode.Greek, r) && r >= 0x370 && r <= 0x3FF:
		return greek
	case unicode.Is(unicode.Cyrillic, r) && r >= 0x400 && r <= 0x45F:
		return cyrillic
	}
	return unknown
}

// spelling is the first letter of a name, how many there are, and in what script.
type spelling struct {
	initial rune
	letters int
	script  script
	joints  int // spaces, hyphens and the like between letters
}

// spell reads a name; it fails for one that mixes scripts or holds anything
// but letters, their marks and what joins names.
func spell(s string) (spelling, bool) {
	var sp spelling
	for i, r := range s {
		switch in := scriptOf(r); {
		case in != unknown && i == 0:
			sp = spelling{initial: r, letters: 1, script: in}
		case in != unknown && in == sp.script:
			sp.letters++
		case sp.letters > 0 && unicode.Is(unicode.Mn, r): // a mark that no letter composes with
		case sp.letters > 0 && strings.ContainsRune(" '’-.,·&", r):
			sp.joints++
		default:
			return spelling{}, false
		}
	}
	return sp, sp.letters > 0
}

// maskName shows an initial. It is the same for any number of names: how many
// somebody has is a fingerprint.
func maskName(s string) string {
	sp, ok := spell(s)
	if !ok {
		return Hidden
	}
	if sp.script == han {
		return maskHanName(sp)
	}
	return initial(sp)
}

// maskFirstName: a Han given name has one or two characters, so that the first
// of them beside the surname of Mask(Name) is most of the name.
func maskFirstName(s string) string {
	sp, ok := spell(s)
	if !ok || sp.script == han {
		return Hidden
	}
	return initial(sp)
}

// initial shows one letter of three or more, in upper case: how somebody types
// it is a fingerprint too.
func initial(sp spelling) string {
	if sp.letters < 3 {
		return Hidden
	}
	return string(unicode.ToUpper(sp.initial)) + Hidden
}

// maskHanName shows the first character if it starts a surname of many people,
// never both of a compound one, and tells two characters from more only.
func maskHanName(sp spelling) string {
	if sp.letters < 2 || sp.joints > 0 || !strings.ContainsRune(surnames, sp.initial) {
		return Hidden
	}
	if sp.letters == 2 {
		return string(sp.initial) + dot
	}
	return string(sp.initial) + dot + dot
}

// surnames are first characters of the common Chinese surnames, simplified and
// traditional; each is shared by more than 100,000 people.
const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈" +
	"钟姜崔谭陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫阎雷龙黎史陶贺毛段郝顾龚邵覃武钱戴严莫孔向常汤温康施文牛樊葛邢安齐" +
	"易乔伍庞颜倪庄聂章鲁岳翟申欧耿关焦左柳甘祝包宁尚符舒阮纪柯梅童毕凌单裴霍涂成苗谷曲盛冉翁蓝路游辛靳管柴蒙鲍华喻祁房蒲滕屈饶牟" +
	"艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应闵苟邬边卞姬师诸葛上官慕容司徒" +
	"張劉陳楊黃趙吳孫馬許韓鄧馮蕭蔣葉蘇呂盧鍾譚陸賈鄒閻龍賀顧龔錢戴嚴湯溫樊喬龐顏莊聶魯歐關紀畢單塗鮑饒謝鄭羅"
