//! The table of words. The words of its page in the console, each under the name of what it stands for.

pub const TITLE: &str = "词表";
pub const ADD: &str = "添加或修改";
pub const NOTHING: &str = "没有找到";
pub const LOOK_OR_ADD: &str = "换个词再找，或在下面添加。口语词让大家用平常的话也能问到；敏感词不答也不发。";
pub const HEADS: [&str; 5] = ["词", "类别", "规范词或说明", "来源", "操作"];
pub const BUILT_IN: &str = "随程序提供";
pub const REMOVE: &str = "删除";
pub const FIND: &str = "查找";
pub const TERM: &str = "词";
pub const KIND: &str = "类别";
pub const ALL: &str = "全部";
pub const SAVE: &str = "保存";
pub const TERM_HINT: &str = "大家平常怎么说，例如“个税”；敏感词也写在这里";
pub const OFFICIAL: &str = "规范词或说明";
pub const OFFICIAL_HINT: &str = "文件里怎么写，例如“个人所得税”；敏感词写它属于哪一类";
