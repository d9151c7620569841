#include "mcp/oauth/callback.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace telltale::mcp::oauth {
namespace {

std::unexpected<base::Error> refused(base::Code code, std::string why) {
  return base::fail(code, "oauth: " + std::move(why));
}

}  // namespace

base::Result<CallbackParameters> read_callback(const Form& query) {
  CallbackParameters out;
  const auto count = [&](std::string_view name) {
    return std::ranges::count(query, name, [](const auto& one) { return one.first; });
  };
  for (const std::string_view name : {"state", "code", "iss", "error", "error_description"})
    if (count(name) > 1)
      return refused(base::Code::invalid_argument,
                     "the callback has \"" + std::string(name) + "\" twice");
  for (const auto& [name, value] : query) {
    if (name == "state") out.state = value;
    if (name == "code") out.code = value;
    if (name == "iss") out.iss = value;
    if (name == "error") out.error = value;
    if (name == "error_description") out.error_description = value;
  }
  return out;
}

base::Result<CallbackParameters> read_callback_url(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const auto query = url.find('?');
  auto form = read_form(query == std::string_view::npos ? "" : url.substr(query + 1));
  if (!form) return std::unexpected(form.error());
  return read_callback(*form);
}

base::Result<base::Secret> check_callback(const Pending& pending,
                                          const CallbackParameters& parameters) {
  if (pending.state.empty() || !base::equal_constant_time(parameters.state, pending.state))
    return refused(base::Code::permission_denied, "the callback is not for this authorization");
  // Compared as text, nothing normalised (RFC 9207 section 2.4); before an error is believed too.
  if (parameters.iss && *parameters.iss != pending.issuer)
    return refused(base::Code::permission_denied,
                   "the callback comes from another authorization server, \"" +
                       base::to_utf8(parameters.iss->substr(0, 200)) + "\"");
  if (!parameters.iss && pending.iss_required)
    return refused(base::Code::permission_denied,
                   "the callback does not say which authorization server it comes from (iss)");
  if (!parameters.error.empty()) {
    auto why = "the authorization server refused: " + parameters.error.substr(0, 80);
    if (!parameters.error_description.empty())
      why += ", " + parameters.error_description.substr(0, 200);
    return refused(base::Code::permission_denied, base::to_utf8(why));
  }
  if (parameters.code.empty())
    return refused(base::Code::protocol, "the callback brings neither a code nor an error");
  return base::Secret(parameters.code);
}

}  // namespace telltale::mcp::oauth
