//! Animated SVG: scenes by their times, of which only the rows that change are written.

use std::collections::HashMap;
use std::time::Duration;

use crate::color::Rgb;
use crate::config::Config;
use crate::recording::{Reader, RecordingError, Replay};
use crate::render::RenderOptions;
use crate::render::scene::{Scene, SceneRow};
use crate::render::svg::Svg;

/// How time passes in an [`Animation`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AnimationOptions {
    /// Pictures a second at most; of several in that time the last is shown. Default 12.
    pub max_rate: f32,
    /// A longer time without a change is made as short as this. Default 2 s.
    pub max_idle: Duration,
    /// How long the last picture is shown. Default 2 s.
    pub hold: Duration,
    /// Begin again at the end. Default `true`.
    pub repeat: bool,
    /// Bytes of the document; at this size the animation ends early, which [`Animation::is_cut`] tells. Default 8 MiB.
    pub max_bytes: usize,
}

impl Default for AnimationOptions {
    fn default() -> Self {
        Self {
            max_rate: 12.0,
            max_idle: Duration::from_secs(2),
            hold: Duration::from_secs(2),
            repeat: true,
            max_bytes: 8 << 20,
        }
    }
}

/// A row that is shown for some time.
struct Segment {
    row: usize,
    content: usize,
    from: Duration,
    to: Duration,
}

/// Collects scenes, oldest first, into one SVG that plays by itself wherever SVG is shown, without a script.
///
/// ```
/// use std::time::Duration;
/// use vetty_screen::{Config, Screen, Size, render::{Animation, AnimationOptions, RenderOptions}};
///
/// let mut screen = Screen::new(Size::new(20, 2), Config::default());
/// let mut animation = Animation::new(AnimationOptions::default());
/// for percent in [0_u8, 50, 100] {
///     screen.feed(format!("\r{percent} %").as_bytes());
///     animation.frame(Duration::from_millis(10) * percent.into(), screen.scene(&RenderOptions::default()));
/// }
/// assert!(animation.svg().contains("<animate "));
/// ```
pub struct Animation {
    options: AnimationOptions,
    /// The picture that may still be replaced by a later one, and when it begins in the animation.
    pending: Option<(Duration, Scene)>,
    /// Time of the last scene as it was given, and in the animation.
    last: (Duration, Duration),
    /// What each row shows since when, by number of content.
    shown: Vec<Option<(usize, Duration)>>,
    contents: HashMap<SceneRow, usize>,
    definitions: Svg,
    segments: Vec<Segment>,
    size: (u16, usize),
    colors: Option<(Rgb, Rgb)>,
    title: String,
    is_cut: bool,
}

impl std::fmt::Debug for Animation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Animation")
            .field("options", &self.options)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// Bytes of a segment in the document.
const SEGMENT: usize = 260;

impl Animation {
    /// Without a picture.
    pub fn new(options: AnimationOptions) -> Self {
        Self {
            options,
            pending: None,
            last: (Duration::ZERO, Duration::ZERO),
            shown: Vec::new(),
            contents: HashMap::new(),
            definitions: Svg::fragment(),
            segments: Vec::new(),
            size: (1, 0),
            colors: None,
            title: String::new(),
            is_cut: false,
        }
    }

    /// All of a recording. Its own limit of idle time holds where it is shorter.
    ///
    /// # Errors
    ///
    /// The recording cannot be read to its end.
    pub fn of_recording<R: std::io::BufRead>(
        reader: Reader<R>,
        config: Config,
        render: &RenderOptions,
        mut options: AnimationOptions,
    ) -> Result<Self, RecordingError> {
        let limit = reader.header().idle_time_limit.unwrap_or(Duration::MAX);
        options.max_idle = options.max_idle.min(limit);
        let mut animation = Self::new(options);
        animation.title = reader.header().title.clone().unwrap_or_default();
        let shortest = animation.shortest();
        let mut replay = Replay::new(reader, config);
        animation.frame(Duration::ZERO, replay.screen().scene(render));
        while let Some(at) = replay.next_at()? {
            replay.advance_to(at.saturating_add(shortest))?;
            if animation.is_cut {
                break;
            }
            animation.frame(at, replay.screen().scene(render));
        }
        Ok(animation)
    }

    fn shortest(&self) -> Duration {
        Duration::from_secs_f32(1.0 / self.options.max_rate.clamp(0.1, 100.0))
    }

    /// Adds what is shown from `at` on. A time before that of the last scene counts as the same.
    pub fn frame(&mut self, at: Duration, scene: Scene) {
        let passed = at.saturating_sub(self.last.0).min(self.options.max_idle);
        let now = self.last.1 + passed;
        self.last = (self.last.0.max(at), now);
        let shortest = self.shortest();
        match &mut self.pending {
            Some((since, last)) if now < *since + shortest => *last = scene,
            _ => {
                let before = self.pending.replace((now, scene));
                self.commit(before);
            }
        }
    }

    /// Whether pictures were left out because the document would have become too large.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    fn commit(&mut self, frame: Option<(Duration, Scene)>) {
        let Some((at, scene)) = frame else {
            return;
        };
        let size = self.definitions.out.len() + self.segments.len() * SEGMENT;
        if self.is_cut || size > self.options.max_bytes {
            self.is_cut = true;
            return;
        }
        let background = self.colors.get_or_insert((scene.background, scene.foreground)).0;
        self.size = (self.size.0.max(scene.cols), self.size.1.max(scene.rows.len()));
        if !scene.title.is_empty() {
            self.title = scene.title;
        }
        let count = scene.rows.len().max(self.shown.len());
        self.shown.resize(count, None);
        let mut rows = scene.rows.into_iter();
        for row in 0..count {
            let content = rows.next().filter(|row| !row.is_empty());
            let content = content.map(|content| self.content(content, background));
            self.show(row, content, at);
        }
    }

    /// The number of a row's content, which is written once.
    fn content(&mut self, row: SceneRow, background: Rgb) -> usize {
        if let Some(number) = self.contents.get(&row) {
            return *number;
        }
        let number = self.contents.len();
        self.definitions.push(format_args!("<g id=\"r{number}\">"));
        self.definitions.row(&row, background);
        self.definitions.out.push_str("</g>\n");
        self.contents.insert(row, number);
        number
    }

    fn show(&mut self, row: usize, content: Option<usize>, at: Duration) {
        let shown = self.shown[row];
        if shown.map(|(content, _)| content) == content {
            return;
        }
        if let Some((content, from)) = shown
            && from < at
        {
            self.segments.push(Segment { row, content, from, to: at });
        }
        self.shown[row] = content.map(|content| (content, at));
    }

    /// The document. Without any frame it is an empty picture.
    pub fn svg(mut self) -> String {
        let pending = self.pending.take();
        let end =
            pending.as_ref().map_or(self.last.1, |(since, _)| self.last.1.max(*since)) + self.options.hold;
        self.commit(pending);
        let end = end.max(Duration::from_millis(100));
        let last = self.segments.len();
        for row in 0..self.shown.len() {
            self.show(row, None, end);
        }
        let (background, foreground) = self.colors.unwrap_or((Rgb(0, 0, 0), Rgb(0xff, 0xff, 0xff)));
        let mut svg = Svg::open(self.size.0, self.size.1.max(1), background, foreground, &self.title);
        svg.out.push_str("<defs>\n");
        svg.out.push_str(&self.definitions.out);
        svg.out.push_str("</defs>\n");
        for (at, segment) in self.segments.iter().enumerate() {
            self.segment(&mut svg, segment, end, at >= last);
        }
        svg.close()
    }

    /// One `<use>`. Where animations are not played the last picture is seen.
    fn segment(&self, svg: &mut Svg, segment: &Segment, end: Duration, is_last: bool) {
        let (x, y) = (svg.metrics.padding, svg.metrics.padding + segment.row as u32 * svg.metrics.height);
        let visibility = if is_last { "" } else { " visibility=\"hidden\"" };
        svg.push(format_args!("<use href=\"#r{}\" x=\"{x}\" y=\"{y}\"{visibility}", segment.content));
        let share = |at: Duration| at.as_secs_f64() / end.as_secs_f64();
        let (from, to) = (share(segment.from), share(segment.to));
        let (values, times) = match (segment.from.is_zero(), segment.to >= end) {
            (true, true) => {
                svg.out.push_str("/>\n");
                return;
            }
            (true, false) => ("visible;hidden", format!("0;{to:.6}")),
            (false, true) => ("hidden;visible", format!("0;{from:.6}")),
            (false, false) => ("hidden;visible;hidden", format!("0;{from:.6};{to:.6}")),
        };
        let repeat = if self.options.repeat {
            "repeatCount=\"indefinite\""
        } else {
            "repeatCount=\"1\" fill=\"freeze\""
        };
        svg.push(format_args!(
            "><animate attributeName=\"visibility\" calcMode=\"discrete\" dur=\"{:.3}s\" {repeat} \
             values=\"{values}\" keyTimes=\"{times}\"/></use>\n",
            end.as_secs_f64()
        ));
    }
}
