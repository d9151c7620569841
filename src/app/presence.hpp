// Presence and what rests on it, as one part of the composition root.
#pragma once

#include "presence/annotations.hpp"
#include "presence/chat.hpp"

namespace telltale::app {

struct Presence {
  Presence(presence::Engine::Settings settings, presence::Engine::Parts parts)
      : engine(settings, std::move(parts)) {}

  presence::Engine engine;
  presence::Chat chat{engine};
  presence::Annotations annotations{engine};
};

}  // namespace telltale::app
