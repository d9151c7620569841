// The functions of cairo, Pango and GObject that the PDF writer calls, under their own names. They
// pull in some thirty libraries and are needed seldom, so they are loaded with the first PDF
// (docs/decisions/0009-ffmpeg-at-first-use.md): each name here is a pointer that load_libraries()
// sets and that hides the global function for everything in this namespace. Only pdf/ includes it.
#pragma once

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "base/error.hpp"

// The one place where a name is added. A macro, because dlsym wants the name as text.
#define TELLTALE_PDF_FUNCTIONS(X)             \
  X(cairo_create)                             \
  X(cairo_destroy)                            \
  X(cairo_fill)                               \
  X(cairo_font_options_create)                \
  X(cairo_font_options_destroy)               \
  X(cairo_font_options_set_hint_metrics)      \
  X(cairo_font_options_set_hint_style)        \
  X(cairo_line_to)                            \
  X(cairo_move_to)                            \
  X(cairo_pdf_surface_add_outline)            \
  X(cairo_pdf_surface_create_for_stream)      \
  X(cairo_pdf_surface_set_metadata)           \
  X(cairo_rectangle)                          \
  X(cairo_set_dash)                           \
  X(cairo_set_line_width)                     \
  X(cairo_set_source_rgb)                     \
  X(cairo_show_page)                          \
  X(cairo_status)                             \
  X(cairo_stroke)                             \
  X(cairo_surface_destroy)                    \
  X(cairo_surface_finish)                     \
  X(cairo_surface_status)                     \
  X(cairo_tag_begin)                          \
  X(cairo_tag_end)                            \
  X(g_object_unref)                           \
  X(pango_cairo_context_set_font_options)     \
  X(pango_context_set_round_glyph_positions)  \
  X(pango_layout_context_changed)             \
  X(pango_layout_get_context)                 \
  X(pango_cairo_create_layout)                \
  X(pango_cairo_show_layout)                  \
  X(pango_cairo_show_layout_line)             \
  X(pango_font_description_free)              \
  X(pango_font_description_from_string)       \
  X(pango_font_description_set_absolute_size) \
  X(pango_font_description_set_weight)        \
  X(pango_layout_get_baseline)                \
  X(pango_layout_get_iter)                    \
  X(pango_layout_get_size)                    \
  X(pango_layout_get_unknown_glyphs_count)    \
  X(pango_layout_iter_free)                   \
  X(pango_layout_iter_get_baseline)           \
  X(pango_layout_iter_get_line_extents)       \
  X(pango_layout_iter_get_line_readonly)      \
  X(pango_layout_iter_next_line)              \
  X(pango_layout_set_alignment)               \
  X(pango_layout_set_ellipsize)               \
  X(pango_layout_set_font_description)        \
  X(pango_layout_set_height)                  \
  X(pango_layout_set_text)                    \
  X(pango_layout_set_width)                   \
  X(pango_layout_set_wrap)

namespace telltale::report::pdf {

// What is declared takes no parentheses.
// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define TELLTALE_DECLARE(name) extern decltype(&::name) name;
TELLTALE_PDF_FUNCTIONS(TELLTALE_DECLARE)
#undef TELLTALE_DECLARE

// unavailable: they are not installed. Any thread.
base::Result<void> load_libraries();

}  // namespace telltale::report::pdf
