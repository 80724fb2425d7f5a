//! F58: photos of outings: what is a photo, how large, how many; small ones on pages, the first of every outing in the report.

use std::io::{Cursor, Read};

use image::codecs::jpeg::JpegEncoder;
use image::{ImageReader, Rgb, RgbImage};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use taxhome::domain::staff::Role;

use crate::harness::service::{Service, Staff};

const GROUP: i64 = -1001;

/// A JPEG of a sky over a field.
pub fn photo(width: u32, height: u32) -> Vec<u8> {
    let shade = |part: u32, whole: u32| u8::try_from(part * 255 / whole).unwrap();
    let picture = RgbImage::from_fn(width, height, |x, y| match y * 5 < height * 3 {
        true => Rgb([110, 160 + shade(y, height) / 4, 235]),
        false => Rgb([70 + shade(x, width) / 4, 140, 70]),
    });
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90)).unwrap();
    bytes
}

/// The same with what a camera held sideways writes: turn by a quarter to the right.
fn sideways(width: u32, height: u32) -> Vec<u8> {
    let exif: &[u8] = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let plain = photo(width, height);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], &[0xFF, 0xE1], &length, exif, &plain[2..]].concat()
}

/// A month whose outing is today.
async fn outing(service: &Service) -> (String, String) {
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.register(GROUP, "城东", &[]).await;
    let outing = json!({"kind": "outing", "title": "进园区", "date": "2026-04-08", "body": "现场答疑", "place": "县工业园区"});
    let plan = json!({"title": "四月", "starts_on": "2026-04-01", "ends_on": "2026-04-30", "items": [outing]});
    let campaign = publicity.does("/campaigns", &plan).await;
    (campaign["id"].as_str().unwrap().to_owned(), campaign["items"][0]["id"].as_str().unwrap().to_owned())
}

async fn upload(staff: &Staff<'_>, service: &Service, outing: &str, bytes: Vec<u8>, caption: &str) -> (u16, Value) {
    let form = Form::new().text("caption", caption.to_owned()).part("photo", Part::bytes(bytes).file_name("现场.jpg"));
    let answer = staff.client().post(format!("{}/api/v1/outings/{outing}/photos", service.base)).multipart(form).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_photo_is_opened_before_it_is_kept_and_pages_show_it_small_and_upright() {
    let service = Service::at("2026-04-08T16:00:00+08:00").await;
    let (_, outing) = outing(&service).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let whole = sideways(2_000, 1_500);
    let mut cut = whole[..40].to_vec();
    cut.extend([0; 200]);
    let refused = upload(&publicity, &service, &outing, cut, "").await;
    assert_eq!((refused.0, refused.1["field"].as_str()), (422, Some("photo")), "{}", refused.1);
    assert!(refused.1["detail"].as_str().unwrap().contains("这张照片打不开"), "{}", refused.1);
    // A PNG of a hundred thousand pixels a side would be read into forty thousand megabytes.
    let vast = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\x01\x86\xa0\0\x01\x86\xa0\x08\x02\0\0\0\
        '0\x9c\x9f\0\0\0\x0bIDATx\x9cc`\x80\x01\0\0\n\0\x01\x7f\x80t^\0\0\0\0IEND\xaeB`\x82"
        .to_vec();
    assert_eq!(upload(&publicity, &service, &outing, vast, "").await.0, 422);
    let webp = upload(&publicity, &service, &outing, b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(), "").await;
    assert_eq!((webp.0, webp.1["field"].as_str()), (422, Some("photo")), "{}", webp.1);
    assert!(webp.1["detail"].as_str().unwrap().contains("WebP 格式，不能用。请传手机相册里的原图"), "{}", webp.1);
    assert_eq!(publicity.get(&format!("/outings/{outing}")).await["photos"], json!([]), "nothing of them is kept");

    let kept = upload(&publicity, &service, &outing, whole.clone(), "咨询台").await;
    assert_eq!(kept.0, 201, "{}", kept.1);
    let id = kept.1["id"].as_str().unwrap();
    let console = service.logged_in(Role::Publicity).await;
    let fetch = async |path: &str| console.client.get(format!("{}{path}", service.base)).send().await.unwrap();
    let page = console.page(&format!("/console/outings/{outing}")).await;
    assert!(page.contains(&format!("/console/photos/{id}/small")) && page.contains("咨询台"), "{page}");
    let small = fetch(&format!("/console/photos/{id}/small")).await.bytes().await.unwrap();
    let size = ImageReader::new(Cursor::new(&small)).with_guessed_format().unwrap().into_dimensions().unwrap();
    assert_eq!(size, (960, 1_280), "upright, whatever way the phone was held");
    assert!(!small.windows(4).any(|bytes| bytes == b"Exif"), "where and with what it was taken stays with the original");
    let original = fetch(&format!("/console/photos/{id}")).await.bytes().await.unwrap();
    assert_eq!(original[..], whole);
    // The small one can be made again.
    std::fs::remove_dir_all(service.store.dir.path().join("photos-small")).unwrap();
    assert_eq!(fetch(&format!("/console/photos/{id}/small")).await.bytes().await.unwrap(), small);
    console.does(&format!("/console/outings/{outing}/photos/{id}/remove"), &[]).await;
    assert_eq!(fetch(&format!("/console/photos/{id}/small")).await.status(), 404);
    assert_eq!(std::fs::read_dir(service.store.dir.path().join("photos-small")).unwrap().count(), 0);
}

#[tokio::test]
async fn the_report_holds_the_first_photos_of_an_outing_and_says_how_many_more_there_are() {
    let service = Service::at("2026-04-08T16:00:00+08:00").await;
    let (campaign, outing) = outing(&service).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    for (number, caption) in (1..).zip(["咨询台", "讲解 <现场> & 问答", "", "发放资料", "合影"]) {
        assert_eq!(upload(&publicity, &service, &outing, photo(640 + number, 480), caption).await.0, 201);
    }
    publicity.does(&format!("/outings/{outing}/result"), &json!({"visitors": 120, "note": "问得最多的是\"进项抵扣\""})).await;
    let file = publicity.client().get(format!("{}/api/v1/campaigns/{campaign}/report?format=docx", service.base)).send().await.unwrap();
    let bytes = file.bytes().await.unwrap().to_vec();
    let mut package = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    assert!(package.by_name("word/media/4.jpg").is_ok() && package.by_name("word/media/5.jpg").is_err());
    let mut part = |name: &str| {
        let mut text = String::new();
        package.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let (document, relations) = (part("word/document.xml"), part("word/_rels/document.xml.rels"));
    for number in 1..=4 {
        assert!(
            document.contains(&format!("r:embed=\"img{number}\"")) && relations.contains(&format!("media/{number}.jpg")),
            "{relations}"
        );
    }
    let read = taxhome::knowledge::import::read_bytes("report.docx", &bytes).unwrap();
    let text = &read.document.body;
    for words in ["进园区：咨询台", "进园区：讲解 <现场> & 问答", "另有 1 张照片", "问得最多的是\"进项抵扣\""]
    {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    if let Ok(folder) = std::env::var("TAXHOME_SCREENSHOTS") {
        std::fs::write(std::path::Path::new(&folder).join("report-photos.docx"), &bytes).unwrap();
    }
}
