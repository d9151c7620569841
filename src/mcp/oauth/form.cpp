#include "mcp/oauth/form.hpp"

#include "base/encoding.hpp"

namespace telltale::mcp::oauth {

std::string write_form(const Form& form) {
  std::string out;
  for (const auto& [name, value] : form) {
    if (!out.empty()) out += '&';
    out += base::percent_encode(name) + "=" + base::percent_encode(value);
  }
  return out;
}

base::Result<Form> read_form(std::string_view text) {
  Form out;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = base::percent_decode(pair.substr(0, equals), true);
    auto value = base::percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value)
      return base::fail(base::Code::invalid_argument, "a parameter has a broken escape");
    out.emplace_back(std::move(*name), std::move(*value));
  }
  return out;
}

std::string with_query(std::string_view url, const Form& form) {
  const bool has_query = url.find('?') != std::string_view::npos;
  return std::string(url) + (has_query ? "&" : "?") + write_form(form);
}

}  // namespace telltale::mcp::oauth
