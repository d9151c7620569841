// What systemd and we tell each other (sd_listen_fds(3), sd_notify(3)): a socket that it holds for
// us over restarts, that we are ready or stopping, and, where the unit asks for it, that every loop
// still turns. Without systemd all of it does nothing.
#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"
#include "runtime/runtime.hpp"

namespace telltale::app {

// The socket of socket activation, once; nothing: there is none. More than one is an Error.
base::Result<std::optional<int>> inherited_socket();

void tell_ready(const std::string& status);
void tell_stopping();

// How often a sign of life is wanted; nothing: never.
std::optional<base::Duration> watchdog_interval();
// On a loop, for as long as it lives: a sign of life only after every loop has answered.
runtime::Task<> keep_watchdog(runtime::Runtime* runtime, base::Duration interval);

}  // namespace telltale::app
