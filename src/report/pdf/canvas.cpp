#include "report/pdf/canvas.hpp"

#include <array>
#include <charconv>
#include <vector>

#include "base/encoding.hpp"

namespace telltale::report::pdf {
namespace {

constexpr const char* kFonts =
    "Noto Sans, Noto Sans Arabic, Noto Sans Hebrew, DejaVu Sans, sans-serif";
constexpr std::size_t kTextMax = 20'000;  // bytes of one text

struct FreeFont {
  void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
};

// A whole number of characters, all of them UTF-8, none that controls.
std::string shown(std::string_view words) {
  if (words.size() > kTextMax) {
    words = words.substr(0, kTextMax);
    while (!words.empty() && (words.back() & '\xC0') == '\x80') words.remove_suffix(1);
    if (!words.empty()) words.remove_suffix(1);
  }
  auto out = base::to_utf8(words);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') c = ' ';
  return out;
}

// Of text that is UTF-8.
std::vector<std::string> characters_of(const std::string& words) {
  std::vector<std::string> out;
  for (const char c : words) {
    if ((c & '\xC0') != '\x80' || out.empty()) out.emplace_back();
    out.back() += c;
  }
  return out;
}
char32_t code_point_of(const std::string& character) {
  const auto first = static_cast<unsigned char>(character.front());
  char32_t out = character.size() == 1 ? first : first & (0xFFU >> (character.size() + 1));
  for (std::size_t i = 1; i < character.size(); ++i)
    out = out << 6U | (static_cast<unsigned char>(character[i]) & 0x3FU);
  return out;
}

double points(int pango_units) {
  return static_cast<double>(pango_units) / PANGO_SCALE;
}

}  // namespace

Colour colour_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return {0.09, 0.47, 0.31};
    case Tone::warning:
      return {0.68, 0.33, 0};
    case Tone::bad:
      return {0.80, 0.17, 0.19};
    case Tone::none:
      break;
  }
  return kInk;
}

Colour colour_of_series(std::size_t index) {
  constexpr std::array<Colour, 6> kSeries{{{0.04, 0.41, 0.80},
                                           {0.68, 0.33, 0},
                                           {0.09, 0.47, 0.31},
                                           {0.47, 0.23, 0.69},
                                           {0.80, 0.17, 0.19},
                                           {0.05, 0.47, 0.57}}};
  return kSeries[index % kSeries.size()];
}

Canvas::Canvas(const std::string& title, bool keep)
    : keep_(keep),
      surface_(cairo_pdf_surface_create_for_stream(
          [](void* self, const unsigned char* data, unsigned int size) {
            auto& canvas = *static_cast<Canvas*>(self);
            if (canvas.keep_) canvas.bytes_.append(reinterpret_cast<const char*>(data), size);
            return CAIRO_STATUS_SUCCESS;
          },
          this, kWidth, kHeight)),
      context_(cairo_create(surface_)) {
  cairo_pdf_surface_set_metadata(surface_, CAIRO_PDF_METADATA_TITLE, shown(title).c_str());
  cairo_pdf_surface_set_metadata(surface_, CAIRO_PDF_METADATA_CREATOR, "Telltale");
}

Canvas::~Canvas() {
  cairo_destroy(context_);
  cairo_surface_destroy(surface_);
}

// Letters where the font wants them: on paper there are no pixels to round to.
PangoLayout* Canvas::new_layout() {
  auto* const layout = pango_cairo_create_layout(context_);
  auto* const context = pango_layout_get_context(layout);
  auto* const options = cairo_font_options_create();
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  pango_cairo_context_set_font_options(context, options);
  cairo_font_options_destroy(options);
  pango_context_set_round_glyph_positions(context, 0);
  pango_layout_context_changed(layout);
  return layout;
}

Text Canvas::text(const std::string& words, double width, const Style& style) {
  auto* const layout = new_layout();
  const std::unique_ptr<PangoFontDescription, FreeFont> font(
      pango_font_description_from_string(kFonts));
  pango_font_description_set_absolute_size(font.get(), style.size * PANGO_SCALE);
  if (style.bold) pango_font_description_set_weight(font.get(), PANGO_WEIGHT_SEMIBOLD);
  pango_layout_set_font_description(layout, font.get());
  const auto printable = shown(words);
  pango_layout_set_text(layout, printable.data(), static_cast<int>(printable.size()));
  if (width > 0) pango_layout_set_width(layout, static_cast<int>(width * PANGO_SCALE));
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment(layout, style.align);
  if (style.lines_max > 0) {
    pango_layout_set_height(layout, -style.lines_max);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
  }
  if (pango_layout_get_unknown_glyphs_count(layout) > 0) note_unknown(printable);
  return {*this, layout, style.colour};
}

void Canvas::note_unknown(const std::string& words) {
  auto* const layout = pango_cairo_create_layout(context_);
  for (const auto& one : characters_of(words)) {
    if (unknown_.size() >= kUnknownMax || unknown_.contains(code_point_of(one))) continue;
    pango_layout_set_text(layout, one.data(), static_cast<int>(one.size()));
    if (pango_layout_get_unknown_glyphs_count(layout) > 0) unknown_.insert(code_point_of(one));
  }
  g_object_unref(layout);
}

void Canvas::set_dashes(std::string_view dashes, double scale) {
  std::array<double, 4> lengths{};
  int filled = 0;
  for (const auto* at = dashes.data(); at < dashes.data() + dashes.size() && filled < 4; ++at) {
    int length = 0;
    at = std::from_chars(at, dashes.data() + dashes.size(), length).ptr;
    lengths[static_cast<std::size_t>(filled++)] = length * scale;
  }
  cairo_set_dash(context_, lengths.data(), filled, 0);
}

void Canvas::stroke_path(const Colour& colour, double width, std::string_view dashes,
                         double scale) {
  set(colour);
  cairo_set_line_width(context_, width);
  set_dashes(dashes, scale);
  cairo_stroke(context_);
}

void Canvas::line(double x1, double y1, double x2, double y2, const Colour& colour, double width,
                  std::string_view dashes, double scale) {
  begin_path(x1, y1);
  path_to(x2, y2);
  stroke_path(colour, width, dashes, scale);
}

void Canvas::box(double x, double y, double width, double height, const Colour& colour) {
  set(colour);
  cairo_rectangle(context_, x, y, width, height);
  cairo_fill(context_);
}

void Canvas::next_page() {
  cairo_show_page(context_);
  ++page_;
}

void Canvas::destination(const std::string& name) {
  const auto attributes = "name='" + name + "'";
  cairo_tag_begin(context_, CAIRO_TAG_DEST, attributes.c_str());
  cairo_tag_end(context_, CAIRO_TAG_DEST);
}
void Canvas::begin_link(const std::string& name) {
  const auto attributes = "dest='" + name + "'";
  cairo_tag_begin(context_, CAIRO_TAG_LINK, attributes.c_str());
}
void Canvas::end_link() {
  cairo_tag_end(context_, CAIRO_TAG_LINK);
}
void Canvas::outline(const std::string& words, const std::string& destination) {
  cairo_pdf_surface_add_outline(surface_, CAIRO_PDF_OUTLINE_ROOT, shown(words).c_str(),
                                ("dest='" + destination + "'").c_str(),
                                static_cast<cairo_pdf_outline_flags_t>(0));
}

base::Result<std::string> Canvas::finish() {
  cairo_surface_finish(surface_);
  if (cairo_status(context_) != CAIRO_STATUS_SUCCESS ||
      cairo_surface_status(surface_) != CAIRO_STATUS_SUCCESS)
    return base::fail(base::Code::internal, "the PDF could not be written");
  return std::move(bytes_);
}

Text::Text(Canvas& canvas, PangoLayout* layout, const Colour& colour)
    : canvas_(&canvas),
      layout_(layout, [](PangoLayout* one) { g_object_unref(one); }),
      colour_(colour) {
  int width = 0, height = 0;
  pango_layout_get_size(layout, &width, &height);
  width_ = points(width);
  height_ = points(height);
}

void Text::draw(double x, double y) const {
  canvas_->set(colour_);
  cairo_move_to(canvas_->context_, x, y);
  pango_cairo_show_layout(canvas_->context_, layout_.get());
}

double Text::draw_lines(double x, double y, double height, int* first) const {
  canvas_->set(colour_);
  const std::unique_ptr<PangoLayoutIter, void (*)(PangoLayoutIter*)> at(
      pango_layout_get_iter(layout_.get()),
      [](PangoLayoutIter* one) { pango_layout_iter_free(one); });
  double top = -1, used = 0;
  int number = 0;
  do {
    PangoRectangle extents{};
    pango_layout_iter_get_line_extents(at.get(), nullptr, &extents);
    if (number++ < *first) continue;
    if (top < 0) top = points(extents.y);
    const auto bottom = points(extents.y + extents.height) - top;
    if (bottom > height && used > 0) {
      *first = number - 1;
      return used;
    }
    used = bottom;
    cairo_move_to(canvas_->context_, x + points(extents.x),
                  y + points(pango_layout_iter_get_baseline(at.get())) - top);
    pango_cairo_show_layout_line(canvas_->context_, pango_layout_iter_get_line_readonly(at.get()));
  } while (pango_layout_iter_next_line(at.get()) != 0);
  *first = -1;
  return used;
}

}  // namespace telltale::report::pdf
