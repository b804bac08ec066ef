"""Countries by what their people and goods are called: *Polish* for ``Poland`` or ``PL``."""

from __future__ import annotations

_COUNTRIES = """
american: usa, us, united states, u.s., u.s.a., united states of america
argentinian argentine: argentina, ar, arg
australian aussie: australia, au, aus
austrian: austria, at, aut
belgian: belgium, be, bel
brazilian: brazil, br, bra
british brit: uk, united kingdom, great britain, gb, gbr, britain
bulgarian: bulgaria, bg, bul, bgr
canadian: canada, ca, can
chilean: chile, cl, chi, chl
chinese: china, cn, chn
colombian: colombia, co, col
croatian croat: croatia, hr, cro, hrv
czech: czechia, czech republic, cz, cze
danish dane: denmark, dk, den, dnk
dutch: netherlands, the netherlands, holland, nl, ned, nld
egyptian: egypt, eg, egy
english: england, eng
estonian: estonia, ee, est
finnish finn: finland, fi, fin
french: france, fr, fra
german: germany, de, ger, deu
greek: greece, gr, gre, grc
hungarian: hungary, hu, hun
icelandic: iceland, is, isl
indian: india, in, ind
indonesian: indonesia, id, ina, idn
irish: ireland, ie, irl
israeli: israel, il, isr
italian: italy, it, ita
japanese: japan, jp, jpn
kenyan: kenya, ke, ken
korean: south korea, korea, kr, kor
latvian: latvia, lv, lat, lva
lithuanian: lithuania, lt, ltu
mexican: mexico, mx, mex
moroccan: morocco, ma, mar
norwegian: norway, no, nor
peruvian: peru, pe, per
polish pole: poland, pl, pol
portuguese: portugal, pt, por, prt
romanian: romania, ro, rou
russian: russia, ru, rus
scottish scot: scotland, sco
serbian serb: serbia, rs, srb
slovak: slovakia, sk, svk
slovenian slovene: slovenia, si, slo, svn
spanish spaniard: spain, es, esp
swedish swede: sweden, se, swe
swiss: switzerland, ch, sui, che
thai: thailand, th, tha
turkish turk: turkey, türkiye, tr, tur
ukrainian: ukraine, ua, ukr
vietnamese: vietnam, vn, vie, vnm
welsh: wales, wal
"""
COUNTRIES = {
    name: frozenset(cell.strip() for cell in cells.split(","))
    for line in _COUNTRIES.strip().splitlines()
    for names, cells in [line.split(":")]
    for name in names.split()
}
"""The cells, in lower case, that each adjective or noun may stand for."""


def countries_of(word: str) -> frozenset[str]:
    """The cells in lower case that a word in lower case may stand for, its plural too."""
    return COUNTRIES.get(word) or COUNTRIES.get(word.removesuffix("s"), frozenset())
