#include "report/document.hpp"

namespace telltale::report {
namespace {

struct HtmlWriter {
  HtmlPage& page;
  void operator()(const Heading& block) const { page.heading(block.text); }
  void operator()(const Paragraph& block) const { page.paragraph(block.text, block.tone); }
  void operator()(const Table& block) const { page.table(block.caption, block.head, block.rows); }
  void operator()(const Figures& block) const { page.figures(block.all); }
  void operator()(const Chart& block) const { page.svg(svg_chart(block)); }
};

}  // namespace

std::string write_html(const Document& document, Theme theme, double reload_s) {
  HtmlPage page(document.title, theme, reload_s);
  for (const auto& block : document.blocks) std::visit(HtmlWriter{page}, block);
  return page.take();
}

}  // namespace telltale::report
