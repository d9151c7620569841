// Badges: a small picture (SVG) of how a server is, for a README or a wiki. Readable without a
// login only where the settings say so; else for whoever sees the server.
#pragma once

#include <functional>

#include "report/html.hpp"
#include "runtime/operation.hpp"

namespace telltale::reporting {

struct Badge {
  std::string left, right;
  report::Tone tone = report::Tone::none;
};
// Of what a name names; nothing: there is none, or this actor does not see it.
using FindBadge =
    std::function<std::optional<Badge>(const runtime::Actor& actor, const std::string& name)>;

std::string badge_svg(const Badge& badge);
// `open`: for anybody, without a login.
void declare_badges(runtime::OperationRegistry& registry, FindBadge server, bool open);

}  // namespace telltale::reporting
