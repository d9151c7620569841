// Engine::self_test: a real connection of this engine to itself, over its own sockets, step by step
// with times. What is sent is made here: pictures shaped like H.264 and packets shaped like Opus,
// which nobody decodes; a viewer must get every frame whole, a publisher's frames must arrive.
#pragma once

#include "rtc/engine.hpp"

namespace telltale::rtc {

// On a loop; `engine` is started.
runtime::TaskResult<SelfTestReport> run_self_test(Engine* engine, runtime::Loop* loop);

}  // namespace telltale::rtc
