package masking

// ValidCountry says whether a code is assigned in ISO 3166-1 alpha-2, in upper
// case. UK, EU, XK, SU, XX and ZZ are not.
func ValidCountry(code string) bool { return len(code) == 2 && listed(countries, code) }

// tinyCountry: fewer than 20,000 residents, so that being from there is a hint
// at a person.
func tinyCountry(code string) bool {
	return listed(" AI AQ BL BV CC CK CX FK GS HM IO MS NF NR NU PM PN PW SH SJ TF TK TV UM VA WF ", code)
}

// The tables start and end with a space, so that listed finds whole words.
const (
	countries = " AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD " +
		"CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF " +
		"GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN " +
		"KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA " +
		"NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI " +
		"SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI " +
		"VN VU WF WS YE YT ZA ZM ZW "

	usStates = " AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR GU VI AS MP "

	usStateNames = ";ALABAMA=AL;ALASKA=AK;ARIZONA=AZ;ARKANSAS=AR;CALIFORNIA=CA;COLORADO=CO;CONNECTICUT=CT;DELAWARE=DE;DISTRICT OF COLUMBIA=DC;" +
		"FLORIDA=FL;GEORGIA=GA;HAWAII=HI;IDAHO=ID;ILLINOIS=IL;INDIANA=IN;IOWA=IA;KANSAS=KS;KENTUCKY=KY;LOUISIANA=LA;MAINE=ME;MARYLAND=MD;" +
		"MASSACHUSETTS=MA;MICHIGAN=MI;MINNESOTA=MN;MISSISSIPPI=MS;MISSOURI=MO;MONTANA=MT;NEBRASKA=NE;NEVADA=NV;NEW HAMPSHIRE=NH;NEW JERSEY=NJ;" +
		"NEW MEXICO=NM;NEW YORK=NY;NORTH CAROLINA=NC;NORTH DAKOTA=ND;OHIO=OH;OKLAHOMA=OK;OREGON=OR;PENNSYLVANIA=PA;RHODE ISLAND=RI;" +
		"SOUTH CAROLINA=SC;SOUTH DAKOTA=SD;TENNESSEE=TN;TEXAS=TX;UTAH=UT;VERMONT=VT;VIRGINIA=VA;WASHINGTON=WA;WEST VIRGINIA=WV;WISCONSIN=WI;WYOMING=WY;"

	// smallZIP3 are the three-digit ZIP areas of 20,000 residents or fewer in
	// the census of 2000 (the list in the HHS guidance on safe harbour) or 2010.
	smallZIP3 = " 036 059 063 102 203 205 369 556 692 753 772 790 821 823 830 831 878 879 884 890 893 "

	gbAreas = " AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL GU HA HD HG HP HR HS HU HX " +
		"IG IP IV KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY " +
		"TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE "
	gbSparse = " DG EC HS IV KW LD PA PH SY TD WC ZE "

	brStates = " AC AL AP AM BA CE DF ES GO MA MT MS MG PA PB PR PE PI RJ RN RS RO RR SC SP SE TO "

	cnSparse = "内蒙古自治区 西藏自治区 青海省 新疆维吾尔自治区"
)

var cnProvinces = []string{
	"北京市", "天津市", "上海市", "重庆市", "河北省", "山西省", "辽宁省", "吉林省", "黑龙江省", "江苏省", "浙江省",
	"安徽省", "福建省", "江西省", "山东省", "河南省", "湖北省", "湖南省", "广东省", "海南省", "四川省", "贵州省",
	"云南省", "陕西省", "甘肃省", "青海省", "内蒙古自治区", "广西壮族自治区", "西藏自治区", "宁夏回族自治区", "新疆维吾尔自治区",
}

// frCities have more than 140,000 residents each.
var frCities = []struct{ name, dept string }{
	{"Paris", "75"},
	{"Marseille", "13"},
	{"Lyon", "69"},
	{"Toulouse", "31"},
	{"Nice", "06"},
	{"Nantes", "44"},
	{"Montpellier", "34"},
	{"Strasbourg", "67"},
	{"Bordeaux", "33"},
	{"Lille", "59"},
	{"Rennes", "35"},
	{"Reims", "51"},
	{"Toulon", "83"},
	{"Grenoble", "38"},
	{"Dijon", "21"},
	{"Angers", "49"},
	{"Nîmes", "30"},
	{"Le Havre", "76"},
	{"Saint-Étienne", "42"},
	{"Villeurbanne", "69"},
}
