"""The forms in which plans write times, as patterns on the view. What they mean is said in `dates`."""

from __future__ import annotations

import re

from lantian.plan.reading.calendars import customary_pattern, feast_pattern
from lantian.plan.reading.recurrences import ONCE

N = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
YEAR = r"(?:(?P<year>20\d{2}|二[〇零][〇零一二三四五六七八九]{2})年度?|(?P<same>今年|本年度?|当年|明年|次年|翌年|今冬|同年))"
BEFORE = r"(?:之前|以前|前夕|前)"
ARRIVAL = r"(?:到来|来临|开始|启动|启用)?"
VERB = (
    r"(?:，)?(?:要|应|须|力争|确保)?(?:全面|基本|全部|如期|按期|率先)?"
    r"(?:完成|建成|实现|达到|投运|投用|投产|投入(?:使用|运行|运营|生产)|到位|退出|淘汰|关停|清零|启动|开工|动工|竣工|验收|交付|并网|通车)"
)

COMPLETED = re.compile(VERB)
PERIOD = re.compile(
    rf"{YEAR}?(?P<m1>{N})月(?:(?P<d1>{N})日)?(?:起|开始)?(?:至|到|—|-)(?:(?P<next>次年|翌年|第二年)|(?P<year2>20\d{{2}})年|(?P<same2>当年|同年))?"
    rf"(?P<m2>{N})月(?:(?P<d2>{N})日)?(?:份)?(?P<part2>底|末)?(?P<before>{BEFORE})?"
)
SEASON_PERIOD = re.compile(
    r"(?P<y1>20\d{2})(?:—|-|至)(?P<y2>20\d{2})年(?:度)?(?P<kind>秋冬季|采暖季|采暖期|供暖季|供暖期|冬春季)"
    rf"(?:(?P<end>结束)?{ARRIVAL}(?P<before>{BEFORE}))?"
)
DAY = re.compile(rf"{YEAR}?(?P<month>{N})月(?P<day>{N})(?:日|号)(?:\d{{1,2}}[时点])?(?P<before>{BEFORE}|止|为止)?")
MONTH = re.compile(
    rf"{YEAR}?(?P<month>{N})月份?(?P<part>上旬|中旬|下旬|底|末)?(?P<before>{BEFORE}|内)?(?P<verb>(?={VERB}))?"
)
YEAR_END = re.compile(
    rf"(?:{YEAR}(?P<part>年底|年末|底|末|年内|内)|(?<![全当去\d一二三四五六七八九十两几])(?P<bare>年底|年末|年内))(?P<before>{BEFORE})?"
)
WHOLE_YEAR = re.compile(rf"(?P<whole>全年)(?={ONCE})")
SAME_YEAR = re.compile(r"(?P<same>当年|今年|本年度)(?P<tail>完成|内完成|建成|实现)")
YEAR_ONLY = re.compile(
    rf"(?P<to>到|至|截至|截止)?(?P<year>20\d{{2}})年(?!度|底|末|内|代|以|之|来|前|后|起|第|上半|下半|逾|未|\d|[采供取]暖|{N}月)"
)
YEAR_BEFORE = re.compile(rf"(?P<year>20\d{{2}})年{BEFORE}")
QUARTER = re.compile(
    rf"{YEAR}?(?:第?(?P<quarter>[一二三四1-4])季度|(?P<three>前三季度)|(?P<half>上半年|下半年))(?P<part>末|底|结束)?(?P<before>{BEFORE}|内)?"
)
HEATING = re.compile(
    rf"{YEAR}?(?:冬季|秋冬)?(?:采暖|供暖|取暖|供热)(?P<unit>季节|季|期)?(?P<end>结束)?{ARRIVAL}(?P<before>{BEFORE})"
)
AUTUMN = re.compile(rf"{YEAR}?(?:秋冬季|入冬|冬季){ARRIVAL}(?P<before>{BEFORE})")
FLOOD = re.compile(rf"{YEAR}?(?:主)?汛期?{ARRIVAL}(?P<before>{BEFORE})")
FEAST = re.compile(rf"{YEAR}?“?(?P<feast>{feast_pattern()})”?(?:节)?(?:假期)?{ARRIVAL}(?P<before>{BEFORE})")
CUSTOM = re.compile(
    rf"(?<!每年)(?<!历年){YEAR}?“?(?P<custom>{customary_pattern()})”?(?:季节|季|期)?{ARRIVAL}(?P<before>{BEFORE})"
)
# 夏收前、秋收前开展两轮宣传: work that is due by then.
CUSTOM_DUTY = re.compile(
    rf"(?:[、和](?:{customary_pattern()})(?:季节|季|期)?{BEFORE})?(?:{VERB}|[，]?(?:要|应|须|必须|集中|组织|全面|至少)*"
    r"(?:开展|组织|制定|修订|印发|落实|配备|配齐|安装|检修|检查|排查|清理|清运|拆除|更新|维护|备足|储备))"
)
# 2021年移交前: a time that only the plan's authors know.
_UNTIL = rf"[\u4e00-\u9fff]{{2,6}}?{BEFORE}(?=，|{VERB})"
UNTIL = re.compile(_UNTIL)
UNKNOWN = re.compile(
    rf"(?:20\d{{2}}年{_UNTIL}|(?:(?<=[，。；：\n])|^)[\u4e00-\u9fff]{{1,5}}?[季期收耕汛学冬夏秋春节]{BEFORE}(?=，|{VERB}))"
)
OTHER_YEAR = re.compile(r"(?:底|末)?(?:至|到|—|-)20\d{2}年")
THIS_MONTH = re.compile(
    rf"(?P<which>本月|下个?月)(?:(?P<part>底|末|上旬|中旬|下旬)(?P<before>{BEFORE})?|(?P<within>内))"
)
SPRING = re.compile(rf"{YEAR}?春节{ARRIVAL}(?P<before>{BEFORE})")
FIVE = re.compile(r"“?(?P<plan>十[二三四五六]五)”?(?:规划)?(?:期?末|末期|收官|末年)(?:前)?")
AFTER_ISSUE = re.compile(
    r"(?:印发|发布|下发|公布|施行)(?:之日)?(?:起|后)(?P<count>\d{1,3}|[一二三四五六七八九十]{1,3})(?:个)?(?P<unit>工作日|日|天|月|周)(?:之)?内"
)
DIGITS = re.compile(
    r"(?P<year>20\d{2})[./-](?P<month>\d{1,2})(?:[./-](?P<day>\d{1,2}))?(?!\d)(?P<part>底|末)?(?P<before>"
    + BEFORE
    + r")?"
)

PAST_BEFORE = re.compile(r"(?:较|比|与|同|自|从|以|在|相对|对照|对比|截至|截止|相较|距)$")
PAST_AFTER = re.compile(
    r"(?:以来|起(?!步)|至今|已|无法|不能|仍未|尚未|未能|为基[准数]|同期|相比|基础上|水平|逾期|未|的(?:成功)?经验|实际|度|印发|"
    r"(?:建成|投产|投运|登记|注册|生产|购置|出厂|取得|建设|竣工)(?:投产|投运|并投运|注册)?的)"
)
SEGMENT_START = re.compile(r"(?:^|[，。；：、“（\n]|其中|力争|争取|确保|计划|一是|二是|三是)$")
YEAR_FOLLOWED = re.compile(
    r"[，、]|全市|全县|全区|全省|力争|争取|确保|要|各县|各地|市区|主城|优良|PM|细颗粒|"
    r"[^，。；\n]{0,40}?(?:达到|控制在|完成|建成|实现|压减|淘汰|降至|降到|下降|提高|增加|不低于|不超过|不高于|基本|全部|新增|推广)"
)


ANCHOR = re.compile(
    r"20\d{2}[年./-]|二[〇零].{2}年|[到至](?=20\d{2}年)|今年|本年|当年|明年|次年|翌年|今冬|同年|年底|年末|年内|全年|(?<!\d)\d{1,2}月|"
    r"(?<![一二三四五六七八九十])[一二三四五六七八九十]{1,2}月|第?[一二三四1-4]季度|前三季度|上半年|下半年|"
    r"(?:冬季|秋冬)?[采供取]暖|供热[季期]|秋冬季|入冬|冬季|主?汛期?|“?(?:"
    + feast_pattern()
    + r")|“?(?:"
    + customary_pattern()
    + r")|本月|下个?月|春节|“?十[二三四五六]五|印发|发布|下发|公布|施行"
)
