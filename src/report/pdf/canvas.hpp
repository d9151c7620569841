// Canvas: pages of A4 on which text, lines and boxes are put, in points from the top left. Text is
// shaped by Pango, so any script goes; what no font has is remembered. Bytes come out at finish().
// One thread at a time.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "report/html.hpp"
#include "report/pdf/libraries.hpp"

namespace telltale::report::pdf {

struct Colour {
  double red = 0, green = 0, blue = 0;
};
constexpr Colour kInk{0.07, 0.09, 0.11}, kMuted{0.36, 0.39, 0.42}, kLine{0.84, 0.86, 0.87},
    kWhite{1, 1, 1};
Colour colour_of(Tone tone);
Colour colour_of_series(std::size_t index);  // 0 to 5

struct Style {
  double size = 9;
  bool bold = false;
  Colour colour = kInk;
  PangoAlignment align = PANGO_ALIGN_LEFT;
  int lines_max = 0;  // 0: any; what is longer ends with …
};

class Text;

class Canvas {
 public:
  static constexpr double kWidth = 595, kHeight = 842;
  static constexpr std::size_t kUnknownMax = 20;  // characters remembered

  // `keep`: false draws to nowhere, to see where things come.
  explicit Canvas(const std::string& title, bool keep);
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;
  ~Canvas();

  // A text broken into lines of `width`; drawn with its top left at (x, y).
  Text text(const std::string& words, double width, const Style& style = {});
  void line(double x1, double y1, double x2, double y2, const Colour& colour, double width = 0.5,
            std::string_view dashes = "", double scale = 1);
  void box(double x, double y, double width, double height, const Colour& colour);
  void begin_path(double x, double y) { cairo_move_to(context_, x, y); }
  void path_to(double x, double y) { cairo_line_to(context_, x, y); }
  void stroke_path(const Colour& colour, double width, std::string_view dashes, double scale);

  void next_page();
  int page() const noexcept { return page_; }
  // What can be jumped to, and what jumps there.
  void destination(const std::string& name);
  void begin_link(const std::string& name);
  void end_link();
  void outline(const std::string& words, const std::string& destination);

  const std::set<char32_t>& unknown() const noexcept { return unknown_; }
  // internal: cairo's own words.
  base::Result<std::string> finish();

 private:
  friend class Text;
  PangoLayout* new_layout();
  void note_unknown(const std::string& words);
  void set(const Colour& colour) {
    cairo_set_source_rgb(context_, colour.red, colour.green, colour.blue);
  }
  void set_dashes(std::string_view dashes, double scale);

  std::string bytes_;
  bool keep_;
  int page_ = 1;
  cairo_surface_t* surface_;
  cairo_t* context_;
  std::set<char32_t> unknown_;
};

class Text {
 public:
  double width() const noexcept { return width_; }
  double height() const noexcept { return height_; }
  void draw(double x, double y) const;
  // From its line `first` on as many as `height` has room for; how far down they went. The number
  // of the first that had none is put into `first`, or -1.
  double draw_lines(double x, double y, double height, int* first) const;

 private:
  friend class Canvas;
  Text(Canvas& canvas, PangoLayout* layout, const Colour& colour);
  Canvas* canvas_;
  std::unique_ptr<PangoLayout, void (*)(PangoLayout*)> layout_;
  Colour colour_;
  double width_ = 0, height_ = 0;
};

}  // namespace telltale::report::pdf
