//! What is declined or is no question at all, by what is *asked*: no score tells these from real questions. Each rule has look-alikes that
//! must still be answered; both are in the tests.

use std::sync::LazyLock;

use regex::Regex;

use crate::answering::decide::Reason;
use crate::answering::understand::Understood;
use crate::replies::answers;

/// Why nothing is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    SmallTalk,
    Greeting,
    /// Orders to the machine: new roles, dropped rules, other people's data.
    Order,
    /// Somebody's own record: only the bureau's systems know it.
    PersonalRecord,
    /// Computing what somebody must declare.
    Computation,
    /// Whether somebody will be inspected.
    Prediction,
    /// How to cheat. What happens to cheats is answered.
    Wrongdoing,
    /// A levy that is not among those of the field, or people talked of.
    Uncovered,
    /// Another country's or region's taxes.
    Elsewhere,
    /// Set locally; not in the texts we have.
    Local,
    /// Another office's matter, and whose.
    OtherOffice(&'static str),
    /// A technical fault of an app or site.
    Fault,
    /// A follow-up without its topic.
    FollowUp,
    /// No words at all.
    Noise,
}

impl Refusal {
    /// The reason that is logged.
    pub fn reason(self) -> Reason {
        match self {
            Self::SmallTalk | Self::Greeting => Reason::SmallTalk,
            Self::Order => Reason::Order,
            Self::PersonalRecord => Reason::PersonalRecord,
            Self::Computation => Reason::Computation,
            Self::Prediction => Reason::Prediction,
            Self::Wrongdoing => Reason::Wrongdoing,
            Self::Uncovered => Reason::NotCovered,
            Self::Elsewhere => Reason::Elsewhere,
            Self::Local => Reason::Local,
            Self::OtherOffice(_) => Reason::OtherOffice,
            Self::Fault => Reason::Fault,
            Self::FollowUp => Reason::FollowUp,
            Self::Noise => Reason::Noise,
        }
    }

    /// What the person is told.
    pub fn words(self, hotline: &str) -> String {
        match self {
            Self::SmallTalk => answers::small_talk(),
            Self::Greeting => answers::greeting(),
            Self::Order => answers::not_an_order(),
            Self::PersonalRecord => answers::personal_record(hotline),
            Self::Computation => answers::computation(),
            Self::Prediction => answers::prediction(hotline),
            Self::Wrongdoing => answers::wrongdoing(),
            Self::Uncovered => answers::not_known(hotline),
            Self::Elsewhere => answers::elsewhere(),
            Self::Local => answers::local(hotline),
            Self::OtherOffice(office) => answers::other_office(office),
            Self::Fault => answers::fault(hotline),
            Self::FollowUp => answers::follow_up(),
            Self::Noise => answers::noise(),
        }
    }

    /// Whether the nearest passages are still worth listing to staff.
    pub fn wants_ranking(self) -> bool {
        matches!(self, Self::PersonalRecord | Self::Computation | Self::Elsewhere | Self::Local | Self::OtherOffice(_))
    }
}

macro_rules! pattern {
    ($name:ident, $text:expr) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($text).expect("the pattern is fixed"));
    };
}

pattern!(
    PLEASANTRY,
    concat!(
        r"谢谢|感谢|多谢|辛苦了?|解答|回复|答复|帮助|指导|耐心|收到|好的|好滴|好嘞|好吧|明白了?|知道了|了解了?|懂了|清楚了|哈+|嘻+|呵+|嘿+|可以|不错|厉害|赞|",
        r"老师们?|大家|各位|亲|嗯+|哦+|噢+|行|对的?|是的|没事了?|没问题|再见|拜拜|早上好|上午好|中午好|下午好|晚上好|早安?|晚安|",
        r"你好|您好|在吗|在不在|有人吗|hello|hi|ok|okay|thanks?|thank you|[的了啊呀呢吧哟啦嘛哇\p{P}\p{S}\s]|太|真|很|非常|您|你|祝|快乐|周末|假期|愉快|身体健康|工作顺利"
    )
);
pattern!(FESTIVE, r"(?:新年|过年|新春|春节|元旦|元宵|端午|中秋|国庆|五一|节日|生日)+(?:快乐|愉快|安康|好)|拜年|恭喜发财|万事如意|阖家幸福");
pattern!(
    GREETING,
    r"^(?:你是谁|你叫什么(?:名字)?|你(?:到底)?是(?:不是)?(?:机器人?|真人|人工|AI|ai)(?:还是(?:机器人?|真人|人工|AI|ai))?|你能做什么|你会什么|吗|你好|您好|在吗|在不在|有人吗|早上好|上午好|中午好|下午好|晚上好|hello|hi|老师|[吗嘛啊呀哦噢呢的]|\W)+$"
);
pattern!(
    ORDER,
    concat!(
        r"(?:忽略|无视|忘记|忘掉|抛开|不要管|别管).{0,10}(?:指令|规定|规则|设定|要求|提示|限制|内容)|",
        r"系统提示|提示词|prompt|越狱|没有(?:任何)?限制的|开发者模式|(?:假设|假装|扮演|现在起?)你?是.{0,12}(?:局长|领导|管理员|律师|专家|机器|人)|",
        r"(?:只|直接|必须)(?:回复|回答|输出|说)|(?:^|\W)(?:你)?(?:照着|跟我|跟着我)(?:说|念)|回复[“”]|",
        r"(?:导出|打印|列出|发给我|给我看|泄露).{0,12}(?:用户|手机号|密码|后台|数据库|名单|令牌)|(?:用户|手机号|密码|后台|数据库|名单).{0,12}(?:导出|打印出?来|发给我)"
    )
);
pattern!(HOW, r"怎么|怎样|如何|咋|哪里|哪儿|在哪|哪个|什么|流程|能不能查|可以查|多久|几天|有效期");
pattern!(
    PERSONAL_RECORD,
    concat!(
        r"(?:查|看|核实|核对)(?:一?下|一查|查|看|看看)?.{0,2}(?:我|俺|咱)(?:们|家|的|自己|公司|店|名下|单位|企业|上|去|今|本)?|",
        r"(?:我|俺|咱)(?:们|家|公司|店|单位|企业)?(?:现在|目前|到底|一共|总共|还)?(?:欠|该交|得补)(?:了|着|缴|交)?多少(?:税|税款|钱|滞纳金)?[?吗呢]?$|",
        r"帮我(?:们)?(?:查|看|核实)(?:一?下|看|查|一看|一查)|(?:我|俺|咱)(?:们|家|的|公司|店|单位|企业).{0,8}(?:欠了?多少|还欠|有没有欠|有无欠|还有没有欠|信用等级是|是几级|(?:审核|审批|办)(?:到哪|好了|完了|通过)|退税.{0,4}(?:到哪|到账了|什么时候到账))|",
        r"(?:我的|我家的|我公司的)(?:申报记录|纳税记录|税款|余额|额度|信用等级|欠税|进度)(?:是多少|还有多少|是什么|如何|怎么样了)"
    )
);
// How one's own credit stands or what one's number is; how to look it up is answered.
pattern!(
    OWN_STATE,
    concat!(
        r"(?:我|我们)(?:的|家|公司|店|单位|企业|厂)*(?:现在|目前)?(?:的)?.{0,4}(?:信用|等级|级别|评级).{0,6}(?:是|几|什么|啥|多少)|",
        r"(?:我|我们)(?:的|家|公司|店|单位|企业|厂)*(?:的)?(?:税号|识别号|信用代码|欠税|余额).{0,4}(?:是|多少|几)|",
        r"(?:我|我们).{0,10}(?:一共|总共).{0,8}多少.{0,10}(?:查|调|看)(?:得?出|一下)|给(?:我|我们)?(?:查|看)一?下"
    )
);
// What was applied for and has not come; how long it may take is answered.
pattern!(OVERDUE, r"(?:退税|退款|退的?税款?|补贴).{0,14}(?:还没(?:到|退|下来|收到|动静|影)|没到账|没收到|一直没)");
pattern!(SPAN, r"多久|几天|多少天|规定|期限|时限|多长时间");
pattern!(
    CHECKED,
    r"(?:给|帮|替).{0,2}(?:核|看|查|对|算)(?:一?下|一[核看查对算]|[核看查对算]).{0,8}(?:对不对|对没|对吗|对不|错没|错了没|算没算错)"
);
pattern!(HOW_TO, r"怎么|怎样|如何|咋|哪里|哪儿|在哪|能不能查|可以查|流程|有几|分几|分为|哪几");
// People talked of are nobody's question of law.
pattern!(
    GOSSIP,
    r"热搜|吃瓜|八卦|(?:明星|主播|网红|局长|所长|领导|老板|同事|邻居|隔壁).{0,14}(?:是谁|是哪[个位]|叫什么名|哪[个位]呀|姓什么)|(?:\p{Han}[局科所]|[局科所]长|主任|书记|领导).{0,8}(?:调走|调任|要调(?:走|离|任|动)|高升|双规|落马|下台)"
);
pattern!(
    COMPUTATION,
    r"(?:帮|替|请|麻烦)(?:我|俺|咱|我们|忙)?.{0,2}(?:算|计算|测算|估算|核算)|给(?:我|俺|咱|我们|咱们).{0,2}(?:算|计算|测算|估算|核算)|你.{0,2}(?:算算|算一?下)|我.{0,8}(?:今年|这个月|上个月|本月|一共|总共)(?:应该|该|得|要|应)?(?:交|缴|补|退)多少(?:个?税|钱|增值税)?[?吗呢]?$"
);
pattern!(
    PREDICTION,
    r"(?:会不会|会|能不能|能)(?:被)?(?:查到|抽查|查账|稽查|查).{0,3}(?:我|我们|俺)|(?:我|我们|俺).{0,12}(?:会不会|会)(?:被)?(?:查到|抽查|查账|稽查|被查)"
);
pattern!(
    ABROAD,
    concat!(
        r"(?:韩国|日本|美国|英国|德国|法国|意大利|加拿大|澳大利亚|澳洲|新西兰|俄罗斯|新加坡|马来西亚|泰国|越南|印度|印尼|印度尼西亚|菲律宾|欧盟|欧洲|瑞士|荷兰|迪拜|阿联酋|巴西|墨西哥|香港|澳门|台湾|加州|纽约|东京)",
        r"(?:那边|那儿|那里|当地|本地|国内|政府|州|市|公司|企业|人)?(?:现在|今年|目前)?(?:的|是|有)?(?:利得税|薪俸税|商品及服务税|增值税|消费税|所得税|个人所得税|个税|企税|房产税|遗产税|关税|销售税|税率|税制|税收|交税|缴税|纳税|报税|税)|",
        r"在(?:国外|日本|韩国|美国|英国|德国|法国|加拿大|澳洲|澳大利亚|新加坡|泰国|香港|澳门|台湾)(?:打工|上班|工作|做事|做生意|读书|留学|定居).{0,6}(?:那边|当地|那里).{0,8}(?:税|报|退)"
    )
);
pattern!(CHINA_SIDE, r"出口|进口|外贸|中国|境内|国内企业|回国|付款|打款|汇款|支付|外籍|协定|非居民|赚的|来的|寄|抵免");
pattern!(
    OUR_PLACE,
    r"(?:我们|咱们?|俺们?|本|这个|咱这|我们这)(?:县|区|市|镇|乡|省|州|旗|地|边|儿)|当地|本地|隔壁(?:县|市|省)|(?:外|邻)(?:县|市|省)的"
);
pattern!(
    LOCAL_MATTER,
    r"截止|哪天|几号|什么时候|几月|缴费时间|缴费基数|最低基数|社保基数|上下限|土地使用税.{0,6}(?:多少|标准|税额|几块)|契税.{0,6}(?:税率|几个点|多少)|核定.{0,6}(?:率|多少)|(?:医保|社保|养老|失业|工伤).{0,8}(?:多少|几块|标准|基数)|残保金.{0,8}(?:标准|工资|多少)|平均工资|最低工资|车船税.{0,6}(?:多少|几块)|房产税.{0,6}(?:扣除比例|减除|多少)|水利|中午|午休|休息|放假|值班|周末|电话|地址|几点(?:上班|下班|开门|关门)|上班|大厅在|局在"
);
pattern!(
    INSURANCE_SUM,
    concat!(
        r"灵活就业.{0,10}(?:多少|几百|几块|标准|档次)|",
        r"(?:社保|社会保险|养老保险|医保|医疗保险|城乡居民).{0,6}(?:一个月|每个?月|一年|每年|全年).{0,6}(?:多少|几百|几块)"
    )
);
// What a car pays a year is set by the province; how it is levied is not.
pattern!(VESSEL_SUM, r"车船税.{0,12}(?:多少|几百|几块)|(?:多少|几百|几块)(?:钱)?(?:的)?车船税");
pattern!(VESSEL_RULE, r"减|免|罚|滞纳|晚|逾期|退|几次|税率");
pattern!(INSURANCE_RULE, r"比例|几个点|%|基数|公司|单位|企业|老板|罚|滞纳|晚|抵|扣除");
pattern!(TAXY, r"税|抵扣|扣除|发票|开票|免征|缴费|申报(?:缴|缴费)|代扣|票据|附加|残保金|扣缴");
pattern!(
    FAULT,
    r"(?:登录|登陆|登)不(?:上|了|进)|进不去|打不开|转圈|闪退|卡住|白屏|死机|收不到验证码|验证码.{0,4}(?:收不到|不对|错误)|系统(?:崩|卡|报错)|网页.{0,4}(?:报错|打不开)|一直(?:加载|转)"
);
pattern!(FOLLOW_UP, r"^(?:那么?|还有|然后)?.{0,8}呢[?]?$");
// Says nothing of what it is about: "这个也一样吗".
pattern!(
    POINTING,
    r"^(?:那么?|这个|那个|它|上面的?|刚才的?|这种|那种|这样|那样)*(?:也|都|还)?(?:是)?(?:一样|同样|可以|能|行|算|要|适用|有)(?:的)?(?:吗|不|嘛|么|没)?[?？]*$"
);
pattern!(CONTEXTUAL, r"^(?:那|那么|还有|然后|这个|那个|它|上面|刚才|这种|这样)");

pattern!(
    WRONGDOING,
    concat!(
        r"(?:怎么|怎样|如何|教我|想|能不能|有没有办法).{0,10}(?:偷税|逃税|做假账|假账|虚开|两套账|阴阳合同)|不被(?:查|发现|税务)|",
        r"买(?:卖)?(?:点|些|张)?发票|发票.{0,4}(?:哪里|哪儿|在哪).{0,3}买|(?:哪里|哪儿|在哪).{0,6}买.{0,4}发票"
    )
);
pattern!(CONSEQUENCE, r"罚|后果|坐牢|判|责任|违法|犯法|举报|算不算|认定|处理");
pattern!(FAVOUR, r"帮(?:我|忙).{0,3}(?:把|写|做|批|免|减|开一?张|改|申请|申报)");
pattern!(UNKNOWN_LEVY, r"遗产税|赠与税|利得税|薪俸税|数字税|碳税|物业税|利息税|奢侈品税|空置税|单身税");
pattern!(
    OFFICE_HOURS,
    concat!(
        r"(?:税务局|税局|税务所|税务大厅|办税大厅|办税厅|服务厅|大厅|分局).{0,8}(?:几点|上班|下班|开门|关门|地址|电话|座机|号码|联系方式|怎么走|营业时间|中午|午休|休息|周末|周六|周日|星期|放假|人多|排队)|",
        r"(?:税务局|税局|税务大厅|办税大厅|服务厅|大厅)在(?:哪|什么地方)"
    )
);
pattern!(
    NAMED_PLACE,
    concat!(
        r"北京|上海|天津|重庆|广东|广州|深圳|江苏|南京|苏州|浙江|杭州|宁波|山东|济南|青岛|河南|郑州|河北|石家庄|四川|成都|湖北|武汉|湖南|长沙|",
        r"福建|厦门|福州|安徽|合肥|江西|南昌|辽宁|沈阳|大连|吉林|长春|黑龙江|哈尔滨|陕西|西安|山西|太原|云南|昆明|贵州|贵阳|广西|南宁|海南|海口|",
        r"三亚|甘肃|兰州|青海|宁夏|新疆|西藏|内蒙古"
    )
);
pattern!(
    STATE_OF_MINE,
    r"(?:我|俺|咱)(?:们|老公|老婆|爱人|家|爸|妈|的|公司|店|单位|自己)*.{0,10}(?:退了多少|交了没|交了吗|交没交|到账|到哪(?:一步)?了|批了没|办好了没|通过了没|有没有罚款)"
);

/// Other offices' matters: what is asked, and who knows. Matched only where nothing of taxes is asked.
const OTHER_OFFICES: [(&str, &str); 13] = [
    (r"(?:上|报|转|进).{0,2}(?:小学|初中|高中|幼儿园)|入学|学区|学籍|招生|转学|中考|高考|录取|分数线", "教育部门（政务热线12345）"),
    (r"公积金", "住房公积金管理中心（热线12329）"),
    (r"失业金|失业保险金|失业补助|失业待遇", "人力资源社会保障部门（热线12333）"),
    (
        r"(?:退休金|养老金).{0,8}(?:领|发|多少|涨|认证)|工伤.{0,6}(?:赔|认定|鉴定)|劳动仲裁|社保卡|社保.{0,4}(?:转移|断|中断)|补发工资|欠薪|拖欠工资",
        "人力资源社会保障部门（热线12333）",
    ),
    (r"医保.{0,8}(?:报销|比例|定点|异地|卡|断缴|断了|续)|看病报销|住院报销|生育津贴", "医疗保障部门（热线12393）"),
    (
        r"(?:营业执照|工商|执照|企业信用公示).{0,6}(?:年报|年检|公示)|(?:办|领|注册|申请|变更|丢了?).{0,4}营业执照|(?:换|改).{0,4}(?:店名|字号|招牌|执照)|执照.{0,4}(?:哪|怎么|咋).{0,2}(?:改|换|办)|注册公司|公司注册|商标|食品经营许可",
        "市场监督管理部门（热线12315）",
    ),
    (
        r"驾照|驾驶证|违章|交通.{0,4}罚|落户|扣了?[0-9]+分|车牌|年检|上牌|身份证(?:丢|办|补)|户口|护照|居住证",
        "公安机关（交管热线12123、政务热线12345）",
    ),
    (r"(?:房贷|贷款|公贷|按揭|存款|信用卡).{0,8}(?:利率|利息多少|几个点|怎么办|额度)|LPR|lpr", "办理贷款或存款的银行"),
    (r"天气|下雨|下雪|气温|台风|刮风|几度", "气象部门（热线12121）"),
    (
        r"(?:考|报考|报名).{0,6}(?:注会|cpa|CPA|初级会计|中级会计|税务师)|(?:注会|CPA|cpa|初级会计|中级会计|税务师).{0,8}(?:考|几门|报名|科目|通过)",
        "考试主办单位",
    ),
    (r"结婚证|离婚|低保|殡葬|领养", "民政部门（政务热线12345）"),
    (r"宅基地|不动产证|房产证(?:怎么|办|丢|补)", "自然资源部门（政务热线12345）"),
    (r"房价|股票|基金|彩票|理财|借钱", "相关专业机构"),
];

static OFFICES: LazyLock<Vec<(Regex, &'static str)>> =
    LazyLock::new(|| OTHER_OFFICES.iter().map(|(pattern, office)| (Regex::new(pattern).expect("the pattern is fixed"), *office)).collect());

/// What people save for themselves is a matter of taxes; the pension itself is not.
const OWN_PENSION: &str = "个人养老金";

/// Whether nothing is left of the text once pleasantries are taken out.
pub fn is_small_talk(plain: &str) -> bool {
    let folded = plain.to_lowercase();
    let unfestive = FESTIVE.replace_all(&folded, "");
    !folded.is_empty() && !PLEASANTRY.replace_all(&unfestive, "").contains(char::is_alphanumeric)
}

/// Whether and why the question is not to be searched.
pub fn refuse(understood: &Understood) -> Option<Refusal> {
    let plain = understood.plain.as_str();
    let folded = plain.to_lowercase();
    if GREETING.is_match(&folded) || (FESTIVE.is_match(&folded) && is_small_talk(plain) && !folded.contains('谢')) {
        return Some(Refusal::Greeting);
    }
    if is_small_talk(plain) {
        return Some(Refusal::SmallTalk);
    }
    if ORDER.is_match(&folded) {
        return Some(Refusal::Order);
    }
    if is_noise(plain) {
        return Some(Refusal::Noise);
    }
    if PREDICTION.is_match(plain) {
        return Some(Refusal::Prediction);
    }
    if (PERSONAL_RECORD.is_match(plain) && !HOW.is_match(plain)) || understood.asked.contains("****") {
        return Some(Refusal::PersonalRecord);
    }
    let overdue = OVERDUE.is_match(plain) && !SPAN.is_match(plain);
    if overdue || CHECKED.is_match(plain) || STATE_OF_MINE.is_match(plain) || (OWN_STATE.is_match(plain) && !HOW_TO.is_match(plain)) {
        return Some(Refusal::PersonalRecord);
    }
    if WRONGDOING.is_match(plain) && !CONSEQUENCE.is_match(plain) {
        return Some(Refusal::Wrongdoing);
    }
    if FAVOUR.is_match(plain) {
        return Some(Refusal::Order);
    }
    if UNKNOWN_LEVY.is_match(plain) || GOSSIP.is_match(plain) {
        return Some(Refusal::Uncovered);
    }
    if COMPUTATION.is_match(plain) && !HOW.is_match(plain) {
        return Some(Refusal::Computation);
    }
    if ABROAD.is_match(plain) && !CHINA_SIDE.is_match(plain) {
        return Some(Refusal::Elsewhere);
    }
    let place = OUR_PLACE.is_match(plain) || NAMED_PLACE.is_match(plain);
    let insurance = INSURANCE_SUM.is_match(plain) && !INSURANCE_RULE.is_match(plain);
    let vessel = VESSEL_SUM.is_match(plain) && !VESSEL_RULE.is_match(plain);
    if OFFICE_HOURS.is_match(plain) || insurance || vessel || (place && LOCAL_MATTER.is_match(plain)) {
        return Some(Refusal::Local);
    }
    if FAULT.is_match(plain) {
        return Some(Refusal::Fault);
    }
    if !TAXY.is_match(plain)
        && let Some((_, office)) = OFFICES.iter().find(|(pattern, _)| pattern.is_match(&plain.replace(OWN_PENSION, "")))
    {
        return Some(Refusal::OtherOffice(office));
    }
    if (FOLLOW_UP.is_match(plain) || POINTING.is_match(plain)) && CONTEXTUAL.is_match(plain) {
        return Some(Refusal::FollowUp);
    }
    None
}

/// Fewer than two Chinese characters and nothing that looks like a 文号 or an abbreviation.
fn is_noise(plain: &str) -> bool {
    let han = plain.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
    han < 2
}
