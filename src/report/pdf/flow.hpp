// Flow: the blocks of a Document put on pages of a Canvas, one under the other.
#pragma once

#include <functional>

#include "report/pdf/canvas.hpp"
#include "report/pdf/pdf.hpp"

namespace telltale::report::pdf {

class Flow {
 public:
  static constexpr double kMargin = 48;
  static constexpr double kBottom = Canvas::kHeight - 60;
  static constexpr double kRoom = Canvas::kWidth - 2 * kMargin;  // in width
  using Footer = std::function<void(Canvas&)>;                   // drawn on each page that is full

  Flow(Canvas& canvas, const PdfLimits& limits, Footer footer)
      : canvas_(canvas), limits_(limits), footer_(std::move(footer)) {}

  void operator()(const Heading& block);
  void operator()(const Paragraph& block);
  void operator()(const Table& block);
  void operator()(const Figures& block);
  void operator()(const Chart& block);
  void title(const std::string& words);
  void words(const std::string& text, const Style& style, double gap);
  void next_page();
  // Of each heading, in their order.
  const std::vector<int>& pages() const noexcept { return pages_; }
  double left() const noexcept { return kBottom - y_; }
  double y() const noexcept { return y_; }
  void skip(double height) { y_ += height; }
  void need(double height) {
    if (left() < height) next_page();
  }

 private:
  std::vector<double> widths_of(const Table& block);
  void table_row(const std::vector<Cell>& cells, const std::vector<double>& widths, bool head);

  Canvas& canvas_;
  const PdfLimits& limits_;
  Footer footer_;
  double y_ = kMargin;
  std::vector<int> pages_;
};

}  // namespace telltale::report::pdf
