// What may be kept and shown of JSON that came from outside (operations' arguments, recorded
// messages): values under names of secrets are hidden, whole env and headers objects too, and long
// texts are cut. Pure, any thread.
#pragma once

#include "base/json.hpp"

namespace telltale::base {

inline constexpr std::string_view kHidden = "••••";
inline constexpr std::size_t kShownTextLimit = 16U << 10U;

Json redact(const Json& value, std::size_t text_limit = kShownTextLimit);
// By its name: password, token, api_key, … in any case, as a part of a longer name too.
bool names_secret(std::string_view name);

}  // namespace telltale::base
