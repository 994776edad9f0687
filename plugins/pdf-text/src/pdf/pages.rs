//! The pages of a document and the letters on each.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::budget::Budget;
use super::content::Painter;
use super::file::File;
use super::font::Font;
use super::matrix::Matrix;
use super::object::{Dict, Object};
use super::{Refused, Result};

/// Pages that are read.
pub const MOST_PAGES: usize = 200;
/// How deep the tree of pages may be.
const DEEPEST: usize = 32;

/// A letter on a page, in points from the upper left corner of the page as it is shown.
#[derive(Clone, Debug)]
pub struct Glyph {
    /// What it means; U+FFFD where the file does not tell.
    pub text: String,
    /// Where it begins.
    pub x: f64,
    /// The line it stands on.
    pub y: f64,
    /// How wide it is.
    pub width: f64,
    /// How high its font is.
    pub size: f64,
}

/// What stands on a page.
#[derive(Clone, Debug)]
pub struct PageText {
    /// The number, from 1.
    pub number: u32,
    /// The width in points.
    pub width: f64,
    /// The height in points.
    pub height: f64,
    /// The letters that stand upright, in the order they are painted.
    pub glyphs: Vec<Glyph>,
    /// How many letters stand sideways or upside down; they are not read.
    pub sideways: usize,
}

/// What a page has from itself or from above it.
#[derive(Clone, Debug, Default)]
struct Inherited {
    resources: Option<Object>,
    media_box: Option<Object>,
    crop_box: Option<Object>,
    rotate: Option<Object>,
}

impl Inherited {
    fn with(&self, dict: &Dict) -> Self {
        let own = |name: &str, above: Option<&Object>| dict.get(name).or(above).cloned();
        Self {
            resources: own("Resources", self.resources.as_ref()),
            media_box: own("MediaBox", self.media_box.as_ref()),
            crop_box: own("CropBox", self.crop_box.as_ref()),
            rotate: own("Rotate", self.rotate.as_ref()),
        }
    }

    /// What copying it costs.
    fn weight(&self) -> u64 {
        let all = [&self.resources, &self.media_box, &self.crop_box, &self.rotate];
        all.into_iter().flatten().map(Object::weight).sum()
    }
}

/// Reads the text of every page of a file.
pub fn read(bytes: &[u8], budget: &Budget) -> Result<Vec<PageText>> {
    let file = File::open(bytes, budget)?;
    let root = file.root()?;
    let root = root.dict().ok_or(Refused::Damaged)?;
    shows_everything(&file, root)?;
    let mut tree = Tree { file: &file, seen: BTreeSet::new(), pages: Vec::new(), fonts: BTreeMap::new() };
    let pages = root.get("Pages").ok_or(Refused::Damaged)?;
    tree.node(pages, &Inherited::default(), 0)?;
    if tree.pages.is_empty() { Err(Refused::Damaged) } else { Ok(tree.pages) }
}

/// Refuses a file of which some layers are not shown: what stands in them would be read although nobody sees it.
fn shows_everything(file: &File<'_>, root: &Dict) -> Result<()> {
    let layers = file.value(root, "OCProperties")?;
    let Some(layers) = layers.dict() else { return Ok(()) };
    let usual = file.value(layers, "D")?;
    let Some(usual) = usual.dict() else { return Ok(()) };
    let off = file.value(usual, "OFF")?;
    let is_off = off.list().is_some_and(|off| !off.is_empty()) || file.value(usual, "BaseState")?.name() == Some("OFF");
    if is_off { Err(Refused::Unsupported) } else { Ok(()) }
}

struct Tree<'f, 'a> {
    file: &'f File<'a>,
    seen: BTreeSet<u32>,
    pages: Vec<PageText>,
    fonts: BTreeMap<u32, Rc<Font>>,
}

impl Tree<'_, '_> {
    fn node(&mut self, object: &Object, above: &Inherited, depth: usize) -> Result<()> {
        if depth > DEEPEST {
            return Err(Refused::Damaged);
        }
        if let Object::Ref(number) = object
            && !self.seen.insert(*number)
        {
            // A page that is its own chapter.
            return Err(Refused::Damaged);
        }
        let found = self.file.resolve(object)?;
        let dict = found.dict().ok_or(Refused::Damaged)?;
        let own = above.with(dict);
        self.file.budget().step(own.weight())?;
        let kids = self.file.value(dict, "Kids")?;
        let Some(kids) = kids.list() else { return self.page(dict, &own) };
        let count = self.file.value(dict, "Count")?.whole().unwrap_or(0);
        if count > MOST_PAGES || kids.len() > MOST_PAGES {
            return Err(Refused::TooManyPages);
        }
        for kid in kids {
            self.node(kid, &own, depth + 1)?;
        }
        Ok(())
    }

    fn page(&mut self, dict: &Dict, own: &Inherited) -> Result<()> {
        if self.pages.len() >= MOST_PAGES {
            return Err(Refused::TooManyPages);
        }
        let number = u32::try_from(self.pages.len() + 1).map_err(|_| Refused::TooManyPages)?;
        let edges = match self.edges(own.crop_box.as_ref())? {
            Some(edges) => edges,
            // A page without a size is of the size of most paper in the world.
            None => self.edges(own.media_box.as_ref())?.unwrap_or([0.0, 0.0, 595.0, 842.0]),
        };
        let turned = match &own.rotate {
            Some(rotate) => self.file.resolve(rotate)?.number().unwrap_or(0.0),
            None => 0.0,
        };
        let (matrix, width, height) = placed(edges, turned)?;
        let resources = match &own.resources {
            Some(resources) => {
                let resources = self.file.resolve(resources)?;
                self.file.budget().step(resources.weight())?;
                resources.dict().cloned().unwrap_or_default()
            }
            None => Dict::new(),
        };
        let content = self.content(dict)?;
        let mut painter = Painter::new(self.file, &mut self.fonts, (width, height));
        painter.paint(&content, &resources, matrix)?;
        let (glyphs, sideways) = painter.into_glyphs();
        self.pages.push(PageText { number, width, height, glyphs, sideways });
        Ok(())
    }

    /// Left, lower, right and upper edge.
    fn edges(&self, object: Option<&Object>) -> Result<Option<[f64; 4]>> {
        let Some(object) = object else { return Ok(None) };
        let list = self.file.resolve(object)?;
        let Some(corners) = list.list().filter(|corners| corners.len() == 4) else { return Ok(None) };
        let mut edges = [0.0; 4];
        for (edge, object) in edges.iter_mut().zip(corners) {
            *edge = self.file.resolve(object)?.number().ok_or(Refused::Damaged)?;
        }
        let [left, lower, right, upper] = edges;
        Ok(Some([left.min(right), lower.min(upper), left.max(right), lower.max(upper)]))
    }

    /// The content of a page, of which every part begins with a new word.
    fn content(&self, dict: &Dict) -> Result<Vec<u8>> {
        let contents = self.file.value(dict, "Contents")?;
        match &*contents {
            Object::Null => Ok(Vec::new()),
            Object::List(parts) => {
                let mut content = Vec::new();
                for part in parts {
                    self.file.budget().step(1)?;
                    content.extend(self.file.stream(self.file.resolve(part)?.as_ref())?);
                    content.push(b'\n');
                }
                Ok(content)
            }
            stream => self.file.stream(stream),
        }
    }
}

/// What brings the places of a page to points from its upper left corner, and how large it is as it is shown.
fn placed([left, lower, right, upper]: [f64; 4], turned: f64) -> Result<(Matrix, f64, f64)> {
    let (width, height) = (right - left, upper - lower);
    let is_paper = |length: f64| (1.0..=20_000.0).contains(&length);
    if !is_paper(width) || !is_paper(height) {
        return Err(Refused::Damaged);
    }
    // In degrees, clockwise, a multiple of 90.
    let quarters = (turned / 90.0).round().rem_euclid(4.0);
    Ok(if quarters < 0.5 {
        (Matrix([1.0, 0.0, 0.0, -1.0, -left, upper]), width, height)
    } else if quarters < 1.5 {
        (Matrix([0.0, 1.0, 1.0, 0.0, -lower, -left]), height, width)
    } else if quarters < 2.5 {
        (Matrix([-1.0, 0.0, 0.0, 1.0, right, -lower]), width, height)
    } else {
        (Matrix([0.0, -1.0, -1.0, 0.0, upper, right]), height, width)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corners_of_a_turned_page_come_to_stand_where_they_are_seen() {
        let edges = [10.0, 20.0, 110.0, 220.0];
        // The upper left corner of the page as it was drawn, for each quarter turn clockwise.
        for (turned, corner) in
            [(0.0, (0.0, 0.0)), (90.0, (200.0, 0.0)), (180.0, (100.0, 200.0)), (270.0, (0.0, 100.0))]
        {
            let (matrix, ..) = placed(edges, turned).expect("paper");
            assert_eq!(matrix.point(10.0, 220.0), corner, "{turned}");
        }
        assert_eq!(placed([0.0, 0.0, 0.0, 10.0], 0.0), Err(Refused::Damaged));
    }
}
