//! What staff are told about programmes and outings: what is wrong in a plan, what is still missing, what a move brings with it.

use chrono::NaiveDate;

use crate::domain::time::chinese_date;

/// A file that cannot be read.
pub fn unreadable(error: &std::io::Error) -> String {
    format!("无法读取：{error}")
}

/// What is wrong, with its field in front.
pub fn in_field(field: &str, message: &str) -> String {
    if field.is_empty() || message.contains(field) { message.to_owned() } else { format!("{field}：{message}") }
}

/// A date that is in no calendar.
pub fn no_such_day(value: &str) -> String {
    format!("“{value}”不是存在的日期，请核对这个月有几天，写成 2027-04-30 这样的格式")
}

/// Something TOML cannot read.
pub fn wrong_form(value: &str) -> String {
    format!("“{value}”写法不对：文字要放在英文双引号里，日期写成 2027-04-30，列表用 [ ] 括起来")
}

/// A plan without a title.
pub fn no_title() -> String {
    "请填写标题".to_owned()
}

/// The end lies before the start.
pub fn ends_before_start() -> String {
    "结束日期早于开始日期，请核对".to_owned()
}

/// No item, or too many.
pub fn wrong_number_of_items(most: usize) -> String {
    format!("要有 1 到 {most} 项内容")
}

fn nth(index: usize, title: &str) -> String {
    format!("第 {} 项“{title}”", index + 1)
}

/// Two items of one name.
pub fn key_twice(index: usize, key: &str) -> String {
    format!("第 {} 项的 key“{key}”前面已经用过，请换一个", index + 1)
}

/// It follows an item that is not there.
pub fn no_such_key(index: usize, title: &str, key: &str) -> String {
    format!("{}跟在“{key}”之后，但没有哪一项的 key 是“{key}”，请核对", nth(index, title))
}

/// An item without words.
pub fn item_without_text(index: usize) -> String {
    format!("第 {} 项缺少标题或正文", index + 1)
}

/// None or several of the ways to a day.
pub fn one_way_to_a_day(index: usize, title: &str) -> String {
    format!("{}的日期要写一种：date（哪一天）、after（跟在哪一项之后）或 before_deadline（申报截止前几个工作日）", nth(index, title))
}

/// `after` without a number.
pub fn after_needs_days(index: usize, title: &str) -> String {
    format!("{}写了 after，请再写 days（几天后）或 workdays（几个工作日后），只写一个", nth(index, title))
}

/// A number without `after`.
pub fn days_need_after(index: usize, title: &str) -> String {
    format!("{}写了 days 或 workdays，请再写 after（跟在哪一项之后）", nth(index, title))
}

/// Too far away.
pub fn too_many_days(index: usize, title: &str, most: u32) -> String {
    format!("{}的天数最多写 {most}", nth(index, title))
}

/// A time that is none.
pub fn wrong_time(index: usize, title: &str, time: &str) -> String {
    format!("{}的时间“{time}”要写成 09:00", nth(index, title))
}

/// An outing to nowhere.
pub fn outing_without_place(index: usize, title: &str) -> String {
    format!("{}是外出活动，请写地点 place", nth(index, title))
}

/// A day outside the programme.
pub fn outside(index: usize, title: &str, date: NaiveDate, from: NaiveDate, to: NaiveDate) -> String {
    format!("{}的日期 {} 不在活动期间内（{}至{}）", nth(index, title), chinese_date(date), chinese_date(from), chinese_date(to))
}

/// Items that follow one another in a circle.
pub fn circle(index: usize, title: &str) -> String {
    format!("{}的 after 绕成了一圈，请让其中一项写 date", nth(index, title))
}

/// A workday rule without its calendar; `what` says which file.
pub fn calendar_missing(what: &str) -> String {
    format!("日期待定：{what}，录入后会自动排上日期")
}

/// No announced deadline.
pub fn deadline_missing(year: i32, month: u32) -> String {
    format!("日期待定：{year}年{month}月的申报截止日还没有录入，请在 knowledge/calendar 中添加 filing-{year}.toml，录入后会自动排上日期")
}

/// Where a day comes from.
pub fn counted_from_deadline(deadline: NaiveDate, workdays: u32) -> String {
    format!("按申报截止日 {} 往前 {workdays} 个工作日", chinese_date(deadline))
}

/// Moved off a day that is not worked.
pub fn moved_off(from: NaiveDate, to: NaiveDate, holiday: Option<&str>) -> String {
    format!("{}是{}，改在 {}", chinese_date(from), holiday.unwrap_or("休息日"), chinese_date(to))
}

/// An outing while everybody is off.
pub fn outing_on_a_day_off(date: NaiveDate, holiday: Option<&str>) -> String {
    format!("{}是{}，请确认外出安排", chinese_date(date), holiday.unwrap_or("休息日"))
}

/// The same file again.
pub fn imported_already() -> String {
    "这份计划已经导入过，请在已有的宣传月里修改".to_owned()
}

/// Moved to where it is.
pub fn same_day() -> String {
    "新的日期和时间与原来一样，请换一个".to_owned()
}

/// Moved into the past.
pub fn day_has_passed(title: &str, date: NaiveDate) -> String {
    format!("“{title}”会移到 {}，已经过去，请选择以后的日期", chinese_date(date))
}

/// What went out already stays where it was.
pub fn post_went_out(title: &str) -> String {
    format!("“{title}”已经发出，不能再改日期")
}

/// What is over cannot be moved.
pub fn called_off(title: &str) -> String {
    format!("“{title}”已经取消，不能再改日期")
}

/// Only outings have results and photos.
pub fn not_an_outing() -> String {
    "这一项不是外出活动，没有人数和照片可以登记".to_owned()
}

/// Before it took place there is nothing to count.
pub fn not_yet(date: NaiveDate) -> String {
    format!("这次外出在 {}，还没有开始，结束后再登记", chinese_date(date))
}

/// A count nobody believes.
pub fn wrong_count(most: i64) -> String {
    format!("人数和份数要在 0 到 {most} 之间")
}

/// Too many words.
pub fn note_too_long(most: usize) -> String {
    format!("备注最多 {most} 个字")
}

/// Not a photo.
pub fn wrong_photo() -> String {
    "照片只收 JPEG 或 PNG 格式（手机直接拍的即可；苹果手机请在“设置—相机—格式”里选“兼容性最佳”）".to_owned()
}

/// A photo of a kind that is not opened here.
pub fn webp_photo() -> String {
    "这张照片是 WebP 格式，不能用。请传手机相册里的原图；从网页或聊天里存下来的，先打开它截一张图，再传截图".to_owned()
}

/// A photo that cannot be opened.
pub fn broken_photo() -> String {
    "这张照片打不开，可能没有传完整，也可能像素太大，请重新拍一张或换一张再传".to_owned()
}

/// Too large a photo.
pub fn photo_too_large(megabytes: usize) -> String {
    format!("每张照片最多 {megabytes} MB，请用手机自带的编辑功能缩小后再传")
}

/// Too many photos.
pub fn too_many_photos(most: i64) -> String {
    format!("每次外出最多 {most} 张照片，请先删除不要的")
}

/// The upload has no photo in it.
pub fn no_photo() -> String {
    "请在 photo 字段中附上照片".to_owned()
}

/// Line of an outing's post that says when.
pub fn outing_time(at: &str) -> String {
    format!("时间：{at}")
}

/// Line of an outing's post that says where.
pub fn outing_place(place: &str) -> String {
    format!("地点：{place}")
}

/// After an import.
pub fn imported() -> String {
    "计划已导入，每一项都写好了通知，等审核人员审核".to_owned()
}

/// On the button that approves everything.
pub fn approve_all(waiting: usize) -> String {
    format!("审核并排期（{waiting} 项）")
}

/// After an approval in bulk.
pub fn approved(scheduled: usize) -> String {
    format!("已审核，{scheduled} 项排好了时间")
}

/// How a programme stands, in one line.
pub fn counts(all: usize, waiting: usize, held: usize, undated: usize) -> String {
    let some = |many: usize, what: &str| if many > 0 { format!("，{many} 项{what}") } else { String::new() };
    format!("共 {all} 项{}{}{}", some(waiting, "待审核"), some(held, "错过时间待处理"), some(undated, "日期待定"))
}

/// 周一 to 周日, from 1.
pub fn weekday(number: u32) -> &'static str {
    match number {
        1 => "周一",
        2 => "周二",
        3 => "周三",
        4 => "周四",
        5 => "周五",
        6 => "周六",
        _ => "周日",
    }
}

/// A class in the calendar; which session, where there are several.
pub fn class_session(title: &str, number: i64, of: i64) -> String {
    if of > 1 { format!("{title}（第{number}次）") } else { title.to_owned() }
}

/// An outing in the calendar.
pub fn outing_kind() -> &'static str {
    "外出"
}

/// What stands beside the programme's own items.
pub fn class_kind() -> &'static str {
    "课程"
}

/// A quiz begins.
pub fn quiz_opens() -> &'static str {
    "答题开始"
}

/// A quiz ends.
pub fn quiz_closes() -> &'static str {
    "答题结束"
}

/// A class that is not published yet.
pub fn class_draft() -> &'static str {
    "未发布"
}

/// A weekend day that is worked.
pub fn worked_weekend() -> String {
    "补班".to_owned()
}

/// The month's last day to file.
pub fn filing_deadline() -> String {
    "申报截止日".to_owned()
}

/// A day that is not known.
pub fn undated() -> String {
    "日期待定".to_owned()
}

/// After a move: what moved where, and how many must be looked at again.
pub fn moved(days: &[(&str, NaiveDate)], again: usize) -> String {
    let days: Vec<String> = days.iter().map(|(title, to)| format!("“{title}”改到 {}", chinese_date(*to))).collect();
    let again = if again > 0 { format!("；其中 {again} 项的通知写着日期，要重新审核") } else { String::new() };
    format!("{}{again}", days.join("，"))
}

/// After counting.
pub fn recorded() -> String {
    "已保存".to_owned()
}

/// Not a number.
pub fn not_a_count() -> String {
    "请写数字，没有就写 0".to_owned()
}

/// Under the field for a photo.
pub fn photo_hint(megabytes: usize) -> String {
    format!("手机拍的照片即可，每张最多 {megabytes} MB。请不要上传能看清证件号、手机号的照片。")
}

/// After an upload.
pub fn photo_kept() -> String {
    "照片已保存".to_owned()
}

/// After a removal.
pub fn photo_removed() -> String {
    "照片已删除".to_owned()
}
