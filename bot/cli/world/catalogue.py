"""What the invented company sells, and where."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from bot.cli.world.model import Shop


class Family(NamedTuple):
    """A product in its colours. ``price`` is US dollars, ``daily`` the usual units a day of one colour in the US."""

    category: str
    name: str
    colours: str
    price: float
    daily: float


@dataclass(frozen=True, slots=True)
class Market:
    """How a marketplace differs from the US: demand, price level, and weekday rhythm from Monday on."""

    demand: float
    price: float
    week: tuple[float, ...]


FAMILIES = (
    Family("KT", "硅胶折叠水杯 350ml", "墨绿 米白 雾蓝", 16.99, 9.0),
    Family("KT", "不锈钢磁吸刀架 40cm", "银 黑", 32.99, 4.5),
    Family("KT", "双层玻璃调料罐 6 件套", "竹盖 黑盖", 27.99, 6.0),
    Family("KT", "电动奶泡器 充电款", "黑 白 樱粉", 19.99, 12.0),
    Family("KT", "烘焙硅胶垫 大号", "灰 蓝", 14.49, 7.0),
    Family("ST", "抽屉分隔盒 8 件装", "透明 白", 24.99, 8.0),
    Family("ST", "门后挂袋 24 格", "灰 米", 18.99, 5.0),
    Family("ST", "真空压缩袋 10 件 含电泵", "标准", 35.99, 3.5),
    Family("ST", "可叠放鞋盒 12 只", "透明 茶色", 41.99, 4.0),
    Family("OD", "铝合金折叠椅 便携", "军绿 沙色 黑", 45.99, 3.0),
    Family("OD", "太阳能露营灯 三合一", "橙 黑", 22.99, 7.5),
    Family("OD", "轻量天幕 3x4m", "卡其 深灰", 68.99, 1.4),
    Family("OD", "速干冰巾 4 条装", "混色 蓝色系", 13.99, 10.0),
    Family("PT", "宠物饮水机 2.5L 静音", "白 灰", 33.99, 6.5),
    Family("PT", "猫抓板沙发 加厚瓦楞", "原木 灰", 29.99, 3.2),
    Family("PT", "车载宠物垫 防水后座", "黑", 38.99, 2.6),
    Family("PT", "慢食碗 防滑", "绿 粉 灰", 12.99, 5.5),
    Family("PH", "磁吸车载支架 出风口", "黑 银", 21.99, 11.0),
    Family("PH", "桌面充电支架 三合一 15W", "白 黑", 39.99, 5.0),
    Family("PH", "编织数据线 2m 三条装", "黑 红 灰", 15.99, 14.0),
    Family("PH", "屏幕清洁套装", "标准", 9.99, 3.0),
    Family("WM", "可充电暖手宝 双面", "粉 绿 白", 25.99, 6.0),
    Family("WM", "加热坐垫 USB 三档", "灰", 34.99, 2.8),
    Family("WM", "珊瑚绒盖毯 150x200", "燕麦 灰蓝", 29.99, 4.0),
    Family("OF", "笔记本升降支架 铝制", "银 深空灰", 36.99, 5.5),
    Family("OF", "桌下走线槽 免打孔", "黑 白", 23.99, 4.2),
    Family("OF", "磁性白板贴 软款", "A3 A2", 17.99, 2.2),
    Family("LT", "人体感应橱柜灯 3 支", "暖光 白光", 26.99, 7.0),
    Family("LT", "铜线串灯 20m 遥控", "暖光 彩光", 18.49, 4.8),
    Family("LT", "护眼台灯 夹式", "白 黑", 31.99, 3.6),
    Family("LT", "氛围落地灯 角落款", "黑", 54.99, 0.4),
    Family("OF", "复古黄铜书立 一对", "做旧", 28.99, 0.15),
)

CODES = {
    **{"墨绿": "DG", "米白": "IV", "雾蓝": "MB", "银": "SV", "黑": "BK", "竹盖": "BA", "黑盖": "BC", "白": "WH"},
    **{"樱粉": "SP", "灰": "GY", "蓝": "BL", "透明": "CL", "米": "BE", "标准": "ST", "茶色": "AM", "军绿": "AG"},
    **{"沙色": "SA", "橙": "OR", "卡其": "KH", "深灰": "DK", "混色": "MX", "蓝色系": "BS", "原木": "WD", "绿": "GR"},
    **{"粉": "PK", "红": "RD", "燕麦": "OA", "灰蓝": "GB", "深空灰": "SG", "A3": "A3", "A2": "A2", "暖光": "WW"},
    **{"白光": "CW", "彩光": "RGB", "做旧": "AN"},
}

SEASONS = {
    "KT": (0.95, 0.92, 0.95, 0.97, 1.0, 0.98, 0.97, 0.98, 1.0, 1.03, 1.2, 1.25),
    "ST": (1.3, 1.1, 1.0, 0.95, 0.92, 0.92, 1.0, 1.2, 1.05, 0.92, 0.95, 0.95),
    "OD": (0.5, 0.55, 0.8, 1.15, 1.45, 1.6, 1.6, 1.4, 1.0, 0.7, 0.6, 0.55),
    "PT": (1.0, 0.98, 0.98, 1.0, 1.0, 1.02, 1.02, 1.0, 0.98, 1.0, 1.05, 1.08),
    "PH": (0.9, 0.88, 0.9, 0.93, 0.95, 0.97, 1.0, 1.02, 1.15, 1.12, 1.2, 1.25),
    "WM": (1.8, 1.4, 0.8, 0.4, 0.25, 0.2, 0.2, 0.3, 0.7, 1.4, 2.1, 2.4),
    "OF": (1.15, 1.05, 0.98, 0.95, 0.92, 0.9, 1.0, 1.35, 1.25, 1.0, 0.98, 0.9),
    "LT": (0.95, 0.85, 0.85, 0.85, 0.85, 0.85, 0.88, 0.92, 1.05, 1.3, 1.6, 1.7),
}
"""Demand by calendar month from January on, 1 being the year's average."""

SUPPLIERS = ("宁波禾川日用品厂", "义乌满仓百货", "深圳拓界电子", "佛山拾光照明", "永康铁匠五金", "广州毛球宠物用品")

MARKETS = {
    "US": Market(1.0, 1.0, (1.08, 1.04, 1.0, 0.96, 0.92, 0.94, 1.06)),
    "DE": Market(0.55, 1.05, (1.06, 1.0, 0.98, 0.97, 0.94, 0.93, 1.12)),
    "JP": Market(0.42, 148.0, (0.94, 0.95, 0.97, 0.98, 1.0, 1.1, 1.06)),
    "UK": Market(0.38, 0.88, (1.05, 1.02, 1.0, 0.97, 0.93, 0.94, 1.09)),
}

_SHOPS = (
    (10136, 1, "US", "美国", "NA", "ATVPDKIKX0DER", "USD", "America/Los_Angeles"),
    (10139, 5, "DE", "德国", "EU", "A1PA6795UKMFR9", "EUR", "Europe/Berlin"),
    (10152, 10, "JP", "日本", "JP", "A1VC38T7YXB528", "JPY", "Asia/Tokyo"),
    (10140, 4, "UK", "英国", "EU", "A1F83G8C2ARO7P", "GBP", "Europe/London"),
)
_CUT_OFF = {"UK": timedelta(days=9)}


def shops(today: date) -> tuple[Shop, ...]:
    """Four stores; the British one lost its authorisation nine days ago."""
    return tuple(
        Shop(
            sid=sid,
            mid=mid,
            name=f"屿光-{code}",
            seller_id=f"A0DEMOSELLER{region}",
            account_name=f"yuguang-{region.lower()}",
            region=region,
            country=country,
            country_code=code,
            marketplace_id=marketplace,
            currency=currency,
            time_zone=time_zone,
            status=2 if code in _CUT_OFF else 1,
            reports_until=today - _CUT_OFF.get(code, timedelta(days=1)),
        )
        for sid, mid, code, country, region, marketplace, currency, time_zone in _SHOPS
    )
