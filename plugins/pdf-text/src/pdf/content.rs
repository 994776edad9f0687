//! What a page paints, as far as it is text (ISO 32000-1, sections 8 and 9).
//!
//! Only what a person sees is read: text that is painted invisibly, or beside the page, could say something else than the
//! paper does.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::file::File;
use super::font::Font;
use super::lexer::{Lexer, Part, is_space};
use super::matrix::Matrix;
use super::object::{Dict, Object};
use super::pages::Glyph;
use super::{Refused, Result};

/// How deep forms may stand in forms.
const DEEPEST: usize = 12;
/// States that may be kept.
const MOST_STATES: usize = 256;
/// Operands of one operator; more belong to nothing that is read here.
const MOST_OPERANDS: usize = 64;

/// Steps that painting a form costs beside its content, and reading a font that stands on the page itself.
const FORM: u64 = 40;
const FONT: u64 = 500;

/// How text is painted.
#[derive(Clone)]
struct State {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    letter_spacing: f64,
    word_spacing: f64,
    stretch: f64,
    leading: f64,
    rise: f64,
    mode: usize,
}

/// Paints pages into letters.
pub struct Painter<'p, 'a> {
    file: &'p File<'a>,
    fonts: &'p mut BTreeMap<u32, Rc<Font>>,
    page: (f64, f64),
    glyphs: Vec<Glyph>,
    sideways: usize,
}

impl<'p, 'a> Painter<'p, 'a> {
    /// Paints on a page of this width and height.
    pub fn new(file: &'p File<'a>, fonts: &'p mut BTreeMap<u32, Rc<Font>>, page: (f64, f64)) -> Self {
        Self { file, fonts, page, glyphs: Vec::new(), sideways: 0 }
    }

    /// The letters, and how many stood sideways.
    pub fn into_glyphs(self) -> (Vec<Glyph>, usize) {
        (self.glyphs, self.sideways)
    }

    /// Paints the content of a page.
    pub fn paint(&mut self, content: &[u8], resources: &Dict, matrix: Matrix) -> Result<()> {
        let state = State {
            matrix,
            font: None,
            size: 0.0,
            letter_spacing: 0.0,
            word_spacing: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
            mode: 0,
        };
        self.run(content, resources, state, 0)
    }

    fn run(&mut self, content: &[u8], resources: &Dict, state: State, depth: usize) -> Result<()> {
        if depth > DEEPEST {
            return Err(Refused::Damaged);
        }
        let mut pen = Pen { state, kept: Vec::new(), line: Matrix::SAME, at: Matrix::SAME };
        let mut lexer = Lexer::new(content, 0, self.file.budget());
        let mut operands: Vec<Object> = Vec::new();
        while let Some(part) = lexer.part()? {
            match part {
                Part::Operand(operand) => {
                    if operands.len() >= MOST_OPERANDS {
                        operands.clear();
                    }
                    operands.push(operand);
                }
                Part::Operator(operator) => {
                    match operator.as_str() {
                        "BI" => pass_image(&mut lexer, content)?,
                        "Do" => self.form(&operands, resources, &pen.state, depth)?,
                        "Tf" => self.choose(&operands, resources, &mut pen.state)?,
                        "Tj" => self.show_last(&operands, &mut pen)?,
                        "TJ" => self.show_list(&operands, &mut pen)?,
                        "'" => {
                            pen.next_line(0.0, -pen.state.leading);
                            self.show_last(&operands, &mut pen)?;
                        }
                        "\"" => {
                            if let [word, letter, _] = operands.as_slice() {
                                pen.state.word_spacing = word.number().unwrap_or(0.0);
                                pen.state.letter_spacing = letter.number().unwrap_or(0.0);
                            }
                            pen.next_line(0.0, -pen.state.leading);
                            self.show_last(&operands, &mut pen)?;
                        }
                        other => pen.set(other, &operands)?,
                    }
                    operands.clear();
                }
            }
        }
        Ok(())
    }

    /// Paints a form: content of its own, with what it uses.
    fn form(&mut self, operands: &[Object], resources: &Dict, state: &State, depth: usize) -> Result<()> {
        let Some(name) = operands.last().and_then(Object::name) else { return Ok(()) };
        self.file.budget().step(FORM)?;
        let forms = self.file.value(resources, "XObject")?;
        let Some(form) = forms.dict().and_then(|forms| forms.get(name)) else { return Ok(()) };
        let form = self.file.resolve(form)?;
        let Some(dict) = form.dict() else { return Ok(()) };
        if self.file.value(dict, "Subtype")?.name() != Some("Form") {
            return Ok(());
        }
        let content = self.file.stream(&form)?;
        let own = self.file.value(dict, "Resources")?;
        let matrix = self.file.value(dict, "Matrix")?;
        let numbers: Vec<f64> = matrix.list().unwrap_or_default().iter().filter_map(Object::number).collect();
        let matrix = <[f64; 6]>::try_from(numbers).map_or(Matrix::SAME, Matrix);
        let state = State { matrix: matrix.then(state.matrix), ..state.clone() };
        self.run(&content, own.dict().unwrap_or(resources), state, depth + 1)
    }

    /// `Tf`: a font and its size.
    fn choose(&mut self, operands: &[Object], resources: &Dict, state: &mut State) -> Result<()> {
        let [name, size] = operands else { return Ok(()) };
        state.size = size.number().unwrap_or(0.0);
        let fonts = self.file.value(resources, "Font")?;
        let font = name.name().and_then(|name| fonts.dict()?.get(name));
        state.font = match font {
            None => None,
            Some(Object::Ref(number)) => {
                if let Some(known) = self.fonts.get(number) {
                    Some(Rc::clone(known))
                } else {
                    let found = self.file.get(*number)?;
                    let font = Rc::new(Font::read(self.file, found.dict().ok_or(Refused::Damaged)?)?);
                    self.fonts.insert(*number, Rc::clone(&font));
                    Some(font)
                }
            }
            Some(other) => {
                self.file.budget().step(FONT)?;
                Some(Rc::new(Font::read(self.file, other.dict().ok_or(Refused::Damaged)?)?))
            }
        };
        Ok(())
    }

    fn show_last(&mut self, operands: &[Object], pen: &mut Pen) -> Result<()> {
        match operands.last() {
            Some(Object::Text(bytes)) => self.show(bytes, pen),
            _ => Ok(()),
        }
    }

    fn show_list(&mut self, operands: &[Object], pen: &mut Pen) -> Result<()> {
        for one in operands.last().and_then(Object::list).unwrap_or_default() {
            match one {
                Object::Text(bytes) => self.show(bytes, pen)?,
                Object::Number(back) => pen.forward(-back / 1_000.0 * pen.state.size * pen.state.stretch),
                _ => {}
            }
        }
        Ok(())
    }

    fn show(&mut self, bytes: &[u8], pen: &mut Pen) -> Result<()> {
        let Some(font) = pen.state.font.clone() else {
            // Letters are seen here, and a report without them would look like a whole one.
            return if bytes.is_empty() { Ok(()) } else { Err(Refused::Damaged) };
        };
        for shown in font.show(bytes) {
            self.file.budget().glyph()?;
            let State { size, stretch, rise, letter_spacing, word_spacing, mode, .. } = pen.state;
            let letter = Matrix([size * stretch, 0.0, 0.0, size, 0.0, rise]).then(pen.at).then(pen.state.matrix);
            // Painted neither filled nor drawn: nobody sees it.
            if !matches!(mode, 3 | 7) {
                self.place(letter, shown.text, shown.width);
            }
            let word = if shown.is_space { word_spacing } else { 0.0 };
            pen.forward((shown.width * size + letter_spacing + word) * stretch);
        }
        Ok(())
    }

    fn place(&mut self, letter: Matrix, text: String, width: f64) {
        let ((x, y), (along, aside), (_, up)) =
            (letter.point(0.0, 0.0), letter.direction(1.0, 0.0), letter.direction(0.0, 1.0));
        if ![x, y, along, aside, up].iter().all(|number| number.is_finite()) {
            return;
        }
        let (page_width, page_height) = self.page;
        if !(0.0..=page_width).contains(&x) || !(0.0..=page_height).contains(&y) {
            return;
        }
        if along <= 0.0 || up >= 0.0 || aside.abs() > 0.05 * along {
            if !text.trim().is_empty() {
                self.sideways += 1;
            }
            return;
        }
        let size = -up;
        if size < 0.5 {
            // Too small to be seen.
            return;
        }
        self.glyphs.push(Glyph { text, x, y, width: (width * along).max(0.0), size });
    }
}

/// Where the next letter goes.
struct Pen {
    state: State,
    kept: Vec<State>,
    line: Matrix,
    at: Matrix,
}

impl Pen {
    fn forward(&mut self, by: f64) {
        self.at = Matrix::moved(by, 0.0).then(self.at);
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line = Matrix::moved(x, y).then(self.line);
        self.at = self.line;
    }

    /// Operators that change how and where text is painted.
    fn set(&mut self, operator: &str, operands: &[Object]) -> Result<()> {
        let number = |at: usize| operands.get(at).and_then(Object::number).unwrap_or(0.0);
        let six = || [number(0), number(1), number(2), number(3), number(4), number(5)];
        match operator {
            "q" => {
                if self.kept.len() >= MOST_STATES {
                    return Err(Refused::Damaged);
                }
                self.kept.push(self.state.clone());
            }
            "Q" => {
                if let Some(state) = self.kept.pop() {
                    self.state = state;
                }
            }
            "cm" => self.state.matrix = Matrix(six()).then(self.state.matrix),
            "BT" => (self.line, self.at) = (Matrix::SAME, Matrix::SAME),
            "Td" => self.next_line(number(0), number(1)),
            "TD" => {
                self.state.leading = -number(1);
                self.next_line(number(0), number(1));
            }
            "Tm" => {
                self.line = Matrix(six());
                self.at = self.line;
            }
            "T*" => self.next_line(0.0, -self.state.leading),
            "Tc" => self.state.letter_spacing = number(0),
            "Tw" => self.state.word_spacing = number(0),
            "Tz" => self.state.stretch = number(0) / 100.0,
            "TL" => self.state.leading = number(0),
            "Ts" => self.state.rise = number(0),
            "Tr" => self.state.mode = operands.first().and_then(Object::whole).unwrap_or(0),
            _ => {}
        }
        Ok(())
    }
}

/// Passes over an image that stands in the content itself: to `EI` between white space.
fn pass_image(lexer: &mut Lexer<'_>, content: &[u8]) -> Result<()> {
    let from = lexer.at;
    let is_end = |window: &[u8]| is_space(window[0]) && &window[1..3] == b"EI" && is_space(window[3]);
    let rest = content.get(from..).unwrap_or_default();
    if let Some(at) = rest.windows(4).position(is_end) {
        lexer.at = from + at + 3;
        return Ok(());
    }
    // It may be the last thing on the page.
    if rest.trim_ascii_end().ends_with(b"EI") {
        lexer.at = content.len();
        return Ok(());
    }
    Err(Refused::Damaged)
}
