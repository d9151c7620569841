// Every event type with its channel, fields and severities: the answer to `get_metadata`, and what
// a subscription is checked against. docs/websocket.md lists the same; a test compares them.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace telltale::live {

struct EventType {
  std::string_view id;
  std::string_view label;
  std::string_view channel;
  std::string_view description;
  std::string_view fields;  // comma-separated
  std::string_view severities = "info";
};

std::span<const EventType> event_types();
bool is_event_type(std::string_view id);
bool is_channel(std::string_view id);
std::string channel_list();
// {"categories":[{id,label,events:[{id,label,description,severity_levels,fields}]}]}
base::JsonObject metadata();

}  // namespace telltale::live
