"""What people type in chat for the commonest words, Latin and Cyrillic."""

from __future__ import annotations

_TYPED = """
байна: bn bna bno bajna бн бна
байна уу: bnu bnuu бну бнуу
байгаа: bga bgaa бга бгаа
байгаа юм: bgan bgn bgaan бгн
байгаа юм уу: bgamu bgamuu
байх: bh бх
байхгүй: bhq bhgui bhgu бхгүй бхгуй
байхгүй юу: bhguu bhguiyu
байсан: bsan бсан
байдаг: bdag bdg бдг
байж: bj
болохгүй: bolku bolhq bolohq
сайн: sn sajn сн
сайн уу: snu snuu сну снуу
сайн байна: sbn
сайн байна уу: sbnu sbnuu сбну
вэ: we ve wee vee ве
бэ: be
юу: yu yuu
юу вэ: yuve yuwe юуве юувэ
юм: ym ым йм
юм уу: ymu ymuu юмуу ымуу
уу: uu
үү: vv
үгүй: vgui ugui ugu
тийм: tim
за: za zaa
за за: zaza
ок: ok okay okey oke
баярлалаа: bayrlla bayrlalaa brllaa tnx thx
гуйя: pls plz
хэзээ: hzd hzee
яаж: yaj yj
ямар: ymr ymar
хүн: hvn
хүүхэд: hvvhed huuhd
тэгээд: tgd tgeed тгд
тэгсэн: tgsn
гэж: gj гж
гээд: gd гд
гэсэн: gsn gesn gsen гсн
гэдэг: gdg gdeg
эмд: emd
онхс: onhs ondhs
төгрөг: tug tugrug төг ₮
улаанбаатар: ub уб
"""

ABBREVIATIONS = {
    typed: meant
    for meant, _, spellings in (line.partition(": ") for line in _TYPED.strip().splitlines())
    for typed in spellings.split()
}
