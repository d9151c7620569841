#include "reporting/badges.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/describe.hpp"

namespace telltale::reporting {

struct BadgeFile {
  std::string file;
};
BOOST_DESCRIBE_STRUCT(BadgeFile, (), (file))
constexpr auto field_rules(const BadgeFile*) {
  return std::array{base::FieldRule{.name = "file", .help = "the name and .svg", .maximum = 300}};
}

namespace {

using runtime::ContextPtr;
using runtime::TaskResult;

constexpr std::string_view kExtension = ".svg";
constexpr std::size_t kShownMax = 60;  // characters of each half

std::string_view colour_of(report::Tone tone) {
  switch (tone) {
    case report::Tone::good:
      return "#18794e";
    case report::Tone::warning:
      return "#ad5700";
    case report::Tone::bad:
      return "#cd2b31";
    case report::Tone::none:
      break;
  }
  return "#5b646c";
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & '\xC0') != '\x80'; }));
}
std::string shortened(std::string text) {
  if (characters(text) <= kShownMax) return text;
  std::size_t at = 0, seen = 0;
  for (; at < text.size(); ++at)
    if ((text[at] & '\xC0') != '\x80' && ++seen > kShownMax) break;
  return text.substr(0, at) + "…";
}

TaskResult<base::JsonObject> answer(const FindBadge* find, ContextPtr context, BadgeFile input) {
  const auto missing = base::fail(base::Code::not_found, "there is no such badge");
  if (!input.file.ends_with(kExtension)) co_return missing;
  const auto badge = co_await (*find)(context->actor(),
                                      input.file.substr(0, input.file.size() - kExtension.size()));
  if (!badge) co_return std::unexpected(badge.error());
  if (!*badge) co_return missing;
  auto svg = badge_svg(**badge);
  const auto size = svg.size();
  runtime::BytesAnswer bytes{
      .headers = {{"content-type", "image/svg+xml"}, {"cache-control", "max-age=60"}},
      .size = size,
      .next = [left = std::move(svg)]() mutable -> TaskResult<std::string> {
        return [](std::string piece) -> TaskResult<std::string> {
          co_return piece;
        }(std::exchange(left, {}));
      }};
  if (!context->answer_bytes(std::move(bytes)))
    co_return base::fail(base::Code::unsupported, "a badge is a picture: ask for it over HTTP");
  co_return base::JsonObject{{"bytes", size}};
}

}  // namespace

std::string badge_svg(const Badge& badge) {
  const auto left = shortened(badge.left), right = shortened(badge.right);
  const auto width_of = [](std::string_view text) {
    return 12 + 7 * static_cast<int>(characters(text));
  };
  const int first = width_of(left), all = first + width_of(right);
  const auto label = report::escape_html(left + ": " + right);
  const auto half = [](int from, int width, std::string_view colour, const std::string& text) {
    return fmt::format(
        R"svg(<rect x="{}" width="{}" height="20" fill="{}"/><text x="{}" y="14">{}</text>)svg",
        from, width, colour, from + width / 2, report::escape_html(text));
  };
  return fmt::format(
             R"svg(<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="20" role="img" aria-label="{}"><title>{}</title>)svg"
             R"svg(<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">)svg",
             all, label, label) +
         half(0, first, "#3a4047", left) + half(first, all - first, colour_of(badge.tone), right) +
         "</g></svg>\n";
}

void declare_badges(runtime::OperationRegistry& registry, FindBadge server, FindBadge suite,
                    bool open) {
  const auto declare = [&](std::string what, std::string help, std::string permission,
                           FindBadge how) {
    runtime::OperationSpec spec{.name = "badges." + what,
                                .help = std::move(help),
                                .permission = open ? "public" : std::move(permission),
                                .routes = {{"GET", "/api/badges/" + what + "/{file}"}},
                                .group = "Reports"};
    spec.gives_bytes = true;
    auto find = std::make_shared<const FindBadge>(std::move(how));
    registry.add(runtime::declare<BadgeFile, base::JsonObject>(
        std::move(spec), [find](ContextPtr context, BadgeFile input) {
          return answer(find.get(), std::move(context), std::move(input));
        }));
  };
  declare("server", "A picture of a server's status: NAME.svg", "fleet:read", std::move(server));
  declare("suite", "A picture of how a suite's last run ended: NAME.svg or ID.svg", "tests:read",
          std::move(suite));
}

}  // namespace telltale::reporting
