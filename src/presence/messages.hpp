// What a socket says to presence (docs/websocket.md), as plain values described for JSON: a bad
// field gets an error that names it. Cursors are anchored to what is shown, never to pixels: an
// element and a place within it, or a chart, a time and a value.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/describe.hpp"

namespace telltale::presence {

inline constexpr std::size_t kPageMax = 300;
inline constexpr std::size_t kQueryMax = 1'000;
inline constexpr std::size_t kAnchorMax = 300;
inline constexpr double kTimeMax = 1e11;  // seconds since 1970

// {"action":"presence"}: where one is. `query` and `scroll` are for whoever follows.
struct Place {
  std::string page;
  std::string query;
  double scroll = 0;
  bool idle = false;
  bool invisible = false;
};
BOOST_DESCRIBE_STRUCT(Place, (), (page, query, scroll, idle, invisible))
constexpr auto field_rules(const Place*) {
  return std::array{
      base::FieldRule{.name = "page", .minimum = 1, .maximum = kPageMax},
      base::FieldRule{.name = "query", .maximum = kQueryMax, .has_default = true},
      base::FieldRule{.name = "scroll", .minimum = 0, .maximum = 1, .has_default = true},
      base::FieldRule{.name = "idle", .has_default = true},
      base::FieldRule{.name = "invisible", .has_default = true}};
}

struct Anchor {
  std::optional<std::string> element, chart;
  std::optional<double> x, y;  // within it, 0 to 1
  std::optional<double> time, value;
};
BOOST_DESCRIBE_STRUCT(Anchor, (), (element, chart, x, y, time, value))
constexpr auto field_rules(const Anchor*) {
  return std::array{base::FieldRule{.name = "element", .minimum = 1, .maximum = kAnchorMax},
                    base::FieldRule{.name = "chart", .minimum = 1, .maximum = kAnchorMax},
                    base::FieldRule{.name = "x", .minimum = 0, .maximum = 1},
                    base::FieldRule{.name = "y", .minimum = 0, .maximum = 1},
                    base::FieldRule{.name = "time", .minimum = 0, .maximum = kTimeMax},
                    base::FieldRule{.name = "value"}};
}

struct Selection {
  std::optional<std::string> element, chart;
  std::optional<double> from, to;
};
BOOST_DESCRIBE_STRUCT(Selection, (), (element, chart, from, to))
constexpr auto field_rules(const Selection*) {
  return std::array{base::FieldRule{.name = "element", .minimum = 1, .maximum = kAnchorMax},
                    base::FieldRule{.name = "chart", .minimum = 1, .maximum = kAnchorMax},
                    base::FieldRule{.name = "from", .minimum = 0, .maximum = kTimeMax},
                    base::FieldRule{.name = "to", .minimum = 0, .maximum = kTimeMax}};
}

// {"action":"cursor"}: none of both is no cursor any more.
struct Cursor {
  std::string page;
  std::optional<Anchor> anchor;
  std::optional<Selection> selection;
};
BOOST_DESCRIBE_STRUCT(Cursor, (), (page, anchor, selection))
constexpr auto field_rules(const Cursor*) {
  return std::array{base::FieldRule{.name = "page", .minimum = 1, .maximum = kPageMax}};
}

// {"action":"follow"} and {"action":"refuse"}.
struct Whom {
  std::optional<std::string> id;  // of a person; none: nobody any more
};
BOOST_DESCRIBE_STRUCT(Whom, (), (id))
constexpr auto field_rules(const Whom*) {
  return std::array{base::FieldRule{.name = "id", .minimum = 1, .maximum = 60}};
}

base::Result<void> check(const Place& place);
base::Result<void> check(const Cursor& cursor);

}  // namespace telltale::presence
