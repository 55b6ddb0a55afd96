"""Invented people, as many as are wanted: the same ones for the same number to begin with."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from tui.database.folding import fold
from tui.models import Scalar

COLUMNS = (
    "id", "name", "email", "city", "country", "plan", "credit", "created_at", "last_seen_at",
)  # fmt: skip
"""What a person has, in the order of `invent`."""
FIRST_DAY, LAST_DAY = datetime(2019, 1, 1), datetime(2026, 6, 30)  # noqa: DTZ001  # UTC, as the Z says
DOMAINS = (
    *["example.com"] * 10, *["example.org"] * 5, *["example.net"] * 3,
    "mail.example", "post.example.org", "lotus-labs.example",
)  # fmt: skip
"""Reserved for documentation (RFC 2606): nobody real gets mail."""
PLANS = (*["free"] * 70, *["pro"] * 20, *["team"] * 8, *["enterprise"] * 2)
ADDRESSES = (
    "{given}.{family}", "{given}.{family}", "{given}_{family}", "{initial}.{family}",
    "{family}.{given}", "{given}{family}", "{given}",
)  # fmt: skip
NO_MAIL, NO_CITY, NEVER_BACK, NO_CREDIT, SECOND_NAME = 0.02, 0.03, 0.15, 0.6, 0.3
"""How many have none of these, and how many have two given names, of 1."""
LATIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "ı": "i"})

Name: TypeAlias = tuple[str, str]
"""As it is written, and in the letters of an e-mail address."""


@dataclass(frozen=True, slots=True)
class People:
    """Names that go together, and where those live who have them."""

    given: tuple[Name, ...]
    """What somebody is called."""
    family: tuple[Name, ...]
    """What their family is called."""
    cities: tuple[tuple[str, str], ...]
    """Cities, each with its country (ISO 3166-1 alpha-2)."""
    pattern: str
    """How a name is put together."""
    second: str
    """What stands between two given names; '' where nobody has two."""


def invent(first: int, last: int, seed: int) -> Iterator[tuple[Scalar, ...]]:
    """Give people with the keys `first` to `last`, in the order of COLUMNS.

    Their e-mail addresses hold the key, so that no two are the same.
    """
    chance = random.Random(seed)
    draw = chance.random
    seconds = (LAST_DAY - FIRST_DAY).total_seconds()
    for id in range(first, last + 1):
        people = PEOPLES[int(draw() * len(PEOPLES))]
        given, latin = people.given[int(draw() * len(people.given))]
        family, latin_family = people.family[int(draw() * len(people.family))]
        if people.second and draw() < SECOND_NAME:
            other = people.given[int(draw() * len(people.given))][0]
            given = f"{given}{people.second}{other}" if other != given else given
        city, country = people.cities[int(draw() * len(people.cities))]
        local = ADDRESSES[int(draw() * len(ADDRESSES))].format(
            given=latin, family=latin_family, initial=latin[0]
        )
        mail = f"{local}{id}@{DOMAINS[int(draw() * len(DOMAINS))]}"
        created = draw()
        yield (
            id,
            people.pattern.format(given=given, family=family),
            None if draw() < NO_MAIL else mail,
            None if draw() < NO_CITY else city,
            country,
            PLANS[int(draw() * len(PLANS))],
            0.0 if draw() < NO_CREDIT else round(chance.lognormvariate(2, 1.2), 2),
            _moment(created * seconds),
            # Most were there lately, whenever they came: the square keeps them near the end.
            None
            if draw() < NEVER_BACK
            else _moment((1 - (1 - created) * draw() ** 2) * seconds),
        )


def _moment(seconds: float) -> str:
    return f"{(FIRST_DAY + timedelta(seconds=int(seconds))).isoformat()}Z"


def _people(
    cities: str,
    given: str,
    family: str,
    pattern: str = "{given} {family}",
    second: str = "",
) -> People:
    """Give people from lists: names as `Zoë` or `千尋:chihiro`, cities as `Gent:BE`."""
    places = [city.rpartition(":") for city in _listed(cities)]
    return People(
        tuple(map(_name, _listed(given))),
        tuple(map(_name, _listed(family))),
        tuple((city, country) for city, _, country in places),
        pattern,
        second,
    )


def _listed(names: str) -> list[str]:
    return [" ".join(name.split()) for name in names.split(",")]


def _name(text: str) -> Name:
    name, _, latin = text.partition(":")
    return name, latin or re.sub("[^a-z]", "", fold(name).translate(LATIN))


FAMILY_FIRST = "{family} {given}"
PEOPLES = (
    _people(
        "London:GB, Leeds:GB, Bristol:GB, Cardiff:GB, Austin:US, Seattle:US, Boston:US,"
        "Toronto:CA, Halifax:CA, Perth:AU, Hobart:AU, Dunedin:NZ, Galway:IE",
        "Amelia, Ben, Chloe, Daniel, Ella, Freya, George, Hannah, Isaac, Joanna, Keira, Liam,"
        "Maisie, Noah, Olive, Peter, Rosalind, Samuel, Tabitha, Walter, Anna, Grace",
        "Ashworth, Barlow, Carter, Dunmore, Ellery, Fairchild, Granger, Hollis, Ingram, Jessop,"
        "Kendrick, Langley, Marlowe, Norwood, O'Brien, Penrose, Quill, Redfern, Sutcliffe,"
        "Thornbury, Underhill, Whitlock",
        second=" ",
    ),
    _people(
        "Berlin:DE, München:DE, Köln:DE, Leipzig:DE, Graz:AT, Wien:AT, Zürich:CH, Basel:CH",
        "Anna, Björn, Clara, Dörte, Emil, Frieda, Günter, Heike, Jürgen, Käthe, Lukas,"
        "Mareike, Nele, Ole, Paula, Rüdiger, Sören, Theresa, Ulrike, Zoe",
        "Albrecht, Bäcker, Dietz, Eberle, Förster, Groß, Hänsel, Jäger, Köhler, Löffler,"
        "Müller, Nagel, Ostermann, Pfeiffer, Rösler, Schäfer, Vogt, Weiß,"
        "Zöllner, von der Heide",
        second="-",
    ),
    _people(
        "Paris:FR, Lyon:FR, Nantes:FR, Besançon:FR, Liège:BE, Gent:BE, Genève:CH, Québec:CA",
        "Aurélie, Benoît, Chloé, Désirée, Élodie, François, Gaëlle, Hélène, Jérôme, Loïc,"
        "Maëlle, Noémie, Océane, Rémi, Sébastien, Théo, Zoé, Anaïs, Camille, Étienne",
        "Aubert, Bélanger, Chauvet, Delorme, Évrard, Fontaine, Gagnon, Hébert, Joubert,"
        "Lefèvre, Marchand, Noël, Peeters, Rousseau, Tremblay, Vasseur, Lacroix, d'Aubigny",
        second="-",
    ),
    _people(
        "Madrid:ES, Sevilla:ES, A Coruña:ES, Monterrey:MX, Mérida:MX, Medellín:CO, Bogotá:CO,"
        "Córdoba:AR, Rosario:AR, Concepción:CL, Cusco:PE",
        "Andrés, Belén, Concepción, Daniela, Elías, Fernanda, Gastón, Inés, Joaquín, José,"
        "Lucía, Martín, Noelia, Óscar, Pilar, Ramón, Sofía, Tomás, Úrsula, Ximena",
        "Aránguiz, Benítez, Castañeda, Domínguez, Echeverría, Figueroa, Gutiérrez, Ibáñez,"
        "Jiménez, Lozano, Muñoz, Ñandú, Ordóñez, Peñaranda, Quiroga, Ríos, Salcedo, Zúñiga",
        second=" ",
    ),
    _people(
        "Lisboa:PT, Porto:PT, São Paulo:BR, Recife:BR, Florianópolis:BR, Maputo:MZ, Luanda:AO",
        "Antônio, Beatriz, Caio, Débora, Estêvão, Flávia, Gonçalo, Heloísa, Inês, João,"
        "Letícia, Márcio, Natália, Otávio, Patrícia, Raíssa, Simão, Tânia",
        "Almeida, Brandão, Conceição, Damasceno, Esteves, Falcão, Guimarães, Leitão,"
        "Magalhães, Nóbrega, Paixão, Queirós, Ramalho, Simões, Távora, Valadão",
        second=" ",
    ),
    _people(
        "Kraków:PL, Gdańsk:PL, Łódź:PL, Wrocław:PL, Praha:CZ, Budapest:HU",
        "Agnieszka, Bożena, Czesław, Dorota, Elżbieta, Grażyna, Iwona, Jędrzej, Łukasz,"
        "Małgorzata, Paweł, Rafał, Stanisław, Tomasz, Urszula, Włodzimierz, Żaneta",
        "Nowak, Wójcik, Mazur, Dąbek, Gołąb, Jabłoń, Kaźmierczak, Łuczak, Pająk, Sęk, Stępień,"
        "Świątek, Wróbel, Zając, Żurek, Krawczyk",
    ),
    _people(
        "Göteborg:SE, Malmö:SE, Umeå:SE, Tromsø:NO, Bergen:NO, Ålesund:NO, Århus:DK, Odense:DK,"
        "Tampere:FI, Jyväskylä:FI, Ísafjörður:IS",
        "Åsa, Bjarne, Cecilie, Dagny, Einar, Frøydis, Göran, Håkon, Ingrid, Jørgen, Kåre,"
        "Linnéa, Mauno, Øystein, Päivi, Ragnhild, Søren, Tuuli, Väinö",
        "Åkesson, Bergström, Dahl, Ekelöf, Fjellstad, Grønlund, Hämäläinen, Jönsson, Kjærgaard,"
        "Lindqvist, Mäkelä, Nygård, Østby, Rønning, Sjöberg, Väisänen",
    ),
    _people(
        "İstanbul:TR, İzmir:TR, Eskişehir:TR, Muğla:TR, Ankara:TR",
        "Ayşe, Barış, Çağla, Defne, Emre, Fırat, Gülşen, Hüseyin, Işıl, Kübra, Melek, Nilüfer,"
        "Oğuz, Özge, Şebnem, Tuğba, Ümit, Yiğit",
        "Akgün, Bozdağ, Çelik, Doğan, Erdoğmuş, Güneş, Işık, Karadağ, Öztürk, Şahin, Taşkın,"
        "Uğurlu, Yıldız, Yüksel",
    ),
    _people(
        "Hà Nội:VN, Huế:VN, Đà Nẵng:VN, Cần Thơ:VN, Buôn Ma Thuột:VN",
        "Thị Hương:huong, Văn Đức:duc, Ngọc Ánh:anh, Minh Khôi:khoi, Thanh Thảo:thao,"
        "Quốc Bảo:bao, Thu Hà:ha, Hữu Phước:phuoc, Bích Ngọc:ngoc, Anh Tuấn:tuan, Mai Lan:lan",
        "Nguyễn, Trần, Lê, Phạm, Huỳnh, Phan, Vũ, Võ, Đặng, Bùi, Đỗ, Hồ, Ngô, Dương, Lý",
        FAMILY_FIRST,
    ),
    _people(
        "東京:JP, 大阪:JP, 札幌:JP, 広島:JP, 那覇:JP, 仙台:JP",
        "千尋:chihiro, 紗季:saki, 龍之介:ryunosuke, 美咲:misaki, 健太:kenta, さくら:sakura,"
        "悠斗:yuto, 陽菜:hina, 大輔:daisuke, 葵:aoi, 直樹:naoki, 結衣:yui, 翔太:shota, 彩:aya",
        "佐藤:sato, 鈴木:suzuki, 高橋:takahashi, 田中:tanaka, 伊藤:ito, 渡辺:watanabe,"
        "山本:yamamoto, 中村:nakamura, 小林:kobayashi, 加藤:kato, 吉田:yoshida, 山田:yamada,"
        "松本:matsumoto, 井上:inoue, 木村:kimura, 林:hayashi, 齋藤:saito",
        FAMILY_FIRST,
    ),
    _people(
        "北京:CN, 上海:CN, 成都:CN, 西安:CN, 台北:TW, 高雄:TW, 香港:HK, Singapore:SG",
        "晓燕:xiaoyan, 梓涵:zihan, 雅婷:yating, 子晴:ziqing, 建国:jianguo, 丽华:lihua, 伟:wei,"
        "静怡:jingyi, 浩然:haoran, 思雨:siyu, 明哲:mingzhe, 欣怡:xinyi, 志强:zhiqiang",
        "王:wang, 李:li, 张:zhang, 刘:liu, 陈:chen, 杨:yang, 黄:huang, 赵:zhao, 吴:wu, 周:zhou,"
        "徐:xu, 孙:sun, 马:ma, 朱:zhu, 胡:hu, 郭:guo, 何:he, 高:gao, 欧阳:ouyang",
        "{family}{given}",
    ),
    _people(
        "서울:KR, 부산:KR, 대구:KR, 광주:KR, 전주:KR, 제주:KR",
        "도윤:doyoon, 한결:hangyeol, 서연:seoyeon, 지민:jimin, 하은:haeun, 준서:junseo,"
        "민지:minji, 영자:youngja, 수빈:subin, 현우:hyunwoo, 예린:yerin, 태양:taeyang",
        "김:kim, 이:lee, 박:park, 최:choi, 정:jung, 강:kang, 조:cho, 윤:yoon, 장:jang, 임:lim,"
        "한:han, 오:oh, 서:seo, 신:shin, 문:moon",
        "{family}{given}",
    ),
    _people(
        "दिल्ली:IN, वाराणसी:IN, जयपुर:IN, भोपाल:IN, लखनऊ:IN, Mumbai:IN, Pune:IN",
        "अंजलि:anjali, राहुल:rahul, प्रिया:priya, विक्रम:vikram, सुनीता:sunita, अर्जुन:arjun,"
        "कविता:kavita, मोहन:mohan, नेहा:neha, संजय:sanjay, मीरा:meera, दीपक:deepak",
        "त्रिपाठी:tripathi, शर्मा:sharma, वर्मा:verma, गुप्ता:gupta, मिश्रा:mishra, यादव:yadav,"
        "जोशी:joshi, पाण्डेय:pandey, चौधरी:chaudhary, सिंह:singh, ठाकुर:thakur",
    ),
    _people(
        "القاهرة:EG, أسيوط:EG, تونس:TN, وهران:DZ, فاس:MA, عمّان:JO, بيروت:LB",
        "سلمى:salma, مصطفى:mostafa, طارق:tarek, زينب:zineb, ليلى:layla, يوسف:youssef,"
        "مريم:maryam, خالد:khaled, نور:nour, حسن:hassan, هدى:huda, عمر:omar, رانيا:rania",
        "النجار:elnaggar, بوزيد:bouzid, التازي:tazi, حداد:haddad, منصور:mansour, خوري:khoury,"
        "السيد:elsayed, بن علي:benali, عثمان:osman, فارس:fares, سالم:salem, جاد الله:gadallah",
    ),
    _people(
        "חיפה:IL, באר שבע:IL, תל אביב:IL, ירושלים:IL, נתניה:IL",
        "תמר:tamar, אלעד:elad, נועה:noa, איתי:itai, שירה:shira, יונתן:yonatan, מאיה:maya,"
        "אורי:ori, רחל:rachel, עמית:amit, גליה:galia, דניאל:daniel",
        "שפירא:shapira, כהן:cohen, לוי:levi, מזרחי:mizrahi, פרץ:peretz, ביטון:biton,"
        "פרידמן:friedman, אזולאי:azulay, גבאי:gabay, רוזן:rosen",
    ),
    _people(
        "Київ:UA, Львів:UA, Одеса:UA, Харків:UA, Чернівці:UA, Варна:BG, Пловдив:BG",
        "Оксана:oksana, Богдан:bohdan, Ірина:iryna, Тарас:taras, Жанна:zhanna, Іван:ivan,"
        "Софія:sofiia, Андрій:andrii, Леся:lesia, Юрій:yurii, Ганна:hanna, Елена:elena",
        "Шевченко:shevchenko, Бондаренко:bondarenko, Ткачук:tkachuk, Кравченко:kravchenko,"
        "Мельничук:melnychuk, Щербак:shcherbak, Гончар:honchar, Лисенко:lysenko, Мороз:moroz,"
        "Юрченко:yurchenko, Поліщук:polishchuk, Ємець:yemets",
    ),
    _people(
        "თბილისი:GE, ბათუმი:GE, ქუთაისი:GE",
        "ნინო:nino, გიორგი:giorgi, მარიამ:mariam, ლევან:levan, თამარ:tamar, დავით:davit,"
        "ეკა:eka, ზურაბ:zurab, ანა:ana, ლაშა:lasha",
        "ბერიძე:beridze, მაისურაძე:maisuradze, გელაშვილი:gelashvili, კაპანაძე:kapanadze,"
        "ლომიძე:lomidze, ხუციშვილი:khutsishvili, წიკლაური:tsiklauri",
    ),
    _people(
        "Lagos:NG, Ìbàdàn:NG, Enugu:NG, Accra:GH, Kumasi:GH, Nairobi:KE, Kigali:RW",
        "Amara, Babátúndé, Chidi, Dayọ̀, Ebele, Fọlákẹ́, Ifeoma, Kọ́ládé, Ngozi, Olúwaṣeun, Ṣadé,"
        "Tèmítọ́pẹ́, Uche, Wanjiru, Yewande, Zainab, Kofi, Abena",
        "Okafor, Adéyẹmí, Balógun, Chukwu, Eze, Ògúnlànà, Nwosu, Mensah, Owusu, Kamau, Otieno,"
        "Ọládipọ̀, Uwimana, Asante, Obi",
        second=" ",
    ),
    _people(
        "กรุงเทพฯ:TH, เชียงใหม่:TH, ภูเก็ต:TH, ขอนแก่น:TH, หาดใหญ่:TH",
        "อนุชา:anucha, จันทร์เพ็ญ:chanpen, สมชาย:somchai, มาลี:malee, กิตติ:kitti, ศิริพร:siriporn,"
        "ณัฐพล:nattapol, วรรณา:wanna, ปิยะ:piya, อรทัย:orathai",
        "ใจดี:jaidee, วงศ์ทอง:wongthong, ศรีสุข:srisuk, แก้วมณี:kaewmanee, บุญมา:boonma,"
        "ทองคำ:thongkham, สายชล:saichon, พรหมมา:promma",
    ),
    _people(
        "አዲስ አበባ:ET, ባሕር ዳር:ET, ጎንደር:ET, አስመራ:ER",
        "መስፍን:mesfin, ሰላም:selam, አበበ:abebe, ትዕግስት:tigist, ዮናስ:yonas, ሔለን:helen, ብርሃን:birhan,"
        "ማርታ:marta, ዳዊት:dawit",
        "ኃይሉ:hailu, ተስፋዬ:tesfaye, ገብሬ:gebre, ወልዴ:wolde, ከበደ:kebede, አለሙ:alemu, መኮንን:mekonnen",
    ),
)
"""Who lives where; each of these peoples is as likely as any other."""
