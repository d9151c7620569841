// Selector: which series are meant: a name and matchers of labels, name{tool="x", server=~"a.*"}.
// A matcher with a pattern must fit the whole value.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "series/pattern.hpp"

namespace telltale::series {

using LabelList = std::vector<std::pair<std::string, std::string>>;  // by name

enum class Match { equal, differs, fits, fits_not };

struct Matcher {
  std::string label;
  Match match = Match::equal;
  std::string value;
  Pattern pattern = {};  // of fits and fits_not

  bool matches(std::string_view given) const;  // "" where the series lacks the label
};

struct Selector {
  std::string name;  // "": any
  std::vector<Matcher> matchers;
};

bool is_metric_name(std::string_view text);  // [A-Za-z_:][A-Za-z0-9_:.]*
bool is_label_name(std::string_view text);   // [A-Za-z_][A-Za-z0-9_]*

// name{a="b",c="d"}, as expressions write it: what is in a value is escaped.
std::string series_key(std::string_view name, const LabelList& labels);
std::string quoted(std::string_view value);
std::string text_of(const Selector& selector);

}  // namespace telltale::series
