// A call of a tool as the options of a case name it.
#pragma once

#include <array>
#include <string>

#include "base/describe.hpp"
#include "base/json.hpp"

namespace telltale::lab {

struct ToolCall {
  std::string tool;
  base::JsonObject arguments;
};
BOOST_DESCRIBE_STRUCT(ToolCall, (), (tool, arguments))
constexpr auto field_rules(const ToolCall*) {
  using base::FieldRule;
  return std::array{FieldRule{.name = "tool", .help = "is called", .minimum = 1, .maximum = 256},
                    FieldRule{.name = "arguments", .help = "with these", .has_default = true}};
}

}  // namespace telltale::lab
