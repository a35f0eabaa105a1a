package masking

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maskEmail shows the domain only of a provider that everybody uses: somebody's
// own domain is who they are.
func maskEmail(s string) string {
	at := strings.LastIndexByte(s, '@') // the last: a quoted local part can hold one
	if at <= 0 {
		return Hidden
	}
	domain := maskDomain(strings.ToLower(s[at+1:]))
	if domain == "" {
		return Hidden
	}
	return maskLocalPart(s[:at]) + "@" + domain
}

// maskLocalPart shows the first letter; nothing of one that is short, quoted,
// or starts like a telephone number or the number of an account.
func maskLocalPart(s string) string {
	first, _ := utf8.DecodeRuneInString(s)
	in := scriptOf(first)
	if in == unknown || utf8.RuneCountInString(s) < 3 || in == han && !strings.ContainsRune(surnames, first) {
		return Hidden
	}
	return string(unicode.ToLower(first)) + Hidden
}

// maskDomain is empty for what is no domain, or ends in something that tells
// more than a country or a common kind of organisation.
func maskDomain(s string) string {
	if isProvider(s) {
		return s
	}
	last := strings.LastIndexByte(s, '.')
	if last <= 0 {
		return ""
	}
	tld := s[last+1:]
	country := strings.ToUpper(tld)
	common := ValidCountry(country) && !tinyCountry(country)
	if !common && !listed(topLevels, tld) {
		return ""
	}
	return Hidden + "." + tld
}

func isProvider(domain string) bool {
	if listed(providers, domain) {
		return true
	}
	brand, country, _ := strings.Cut(domain, ".")
	return listed(brands, brand) && listed(brandCountries, country)
}

// listed finds a word in a table of words between spaces.
func listed(table, word string) bool {
	return word != "" && !strings.Contains(word, " ") && strings.Contains(table, " "+word+" ")
}

// The tables start and end with a space, so that listed finds whole words.
const (
	providers = " gmail.com googlemail.com outlook.com hotmail.com live.com msn.com passport.com yahoo.com ymail.com rocketmail.com aol.com " +
		"icloud.com me.com mac.com qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn aliyun.com " +
		"gmx.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de mail.com orange.fr wanadoo.fr free.fr sfr.fr laposte.net neuf.fr " +
		"uol.com.br bol.com.br terra.com.br ig.com.br globo.com libero.it virgilio.it tiscali.it alice.it btinternet.com sky.com virginmedia.com talktalk.net " +
		"mail.ru bk.ru list.ru inbox.ru rambler.ru yandex.ru yandex.com ya.ru ukr.net wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz " +
		"proton.me protonmail.com pm.me tutanota.com zoho.com fastmail.com comcast.net verizon.net att.net sbcglobal.net cox.net " +
		"naver.com daum.net hanmail.net docomo.ne.jp ezweb.ne.jp softbank.ne.jp rediffmail.com bigpond.com ziggo.nl kpnmail.nl telenet.be skynet.be "
	brands         = " yahoo hotmail outlook live "
	brandCountries = " fr de it es co.uk ie nl be at ch se no dk pt pl ro gr cz hu com.br com.mx com.ar com.co com.au co.nz ca in co.in co.jp jp co.id com.sg com.my com.ph com.vn com.hk com.tw com.tr cl co.za co.th sk "
	topLevels      = " com net org info biz edu gov int name pro app dev online shop store site xyz email " +
		"example test invalid uk eu su io tv cc tk nu " +
		"测试 測試 中国 中國 公司 网络 香港 台湾 台灣 рф укр бел срб испытание δοκιμή ευ ελ 한국 भारत परीक्षा السعودية مصر امارات إختبار ไทย テスト 테스트 "
)
