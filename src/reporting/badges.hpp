// Badges: a small picture (SVG) of how a server is, or a suite's last run, for a README or a wiki.
// Readable without a login only where the settings say so; else for whoever sees the server or may
// read tests.
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
using FindBadge = std::function<runtime::TaskResult<std::optional<Badge>>(
    const runtime::Actor& actor, const std::string& name)>;

std::string badge_svg(const Badge& badge);
// `open`: for anybody, without a login.
void declare_badges(runtime::OperationRegistry& registry, FindBadge server, FindBadge suite,
                    bool open);

}  // namespace telltale::reporting
