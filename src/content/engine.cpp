#include "content/engine.hpp"

#include "runtime/run.hpp"

namespace telltale::content {

base::Result<std::unique_ptr<Engine>> Engine::open(LibrarySettings settings,
                                                   runtime::Runtime& runtime, store::Store& store,
                                                   runtime::EventSink& events) {
  auto library = Library::open(std::move(settings), runtime, events);
  if (!library) return std::unexpected(library.error());
  std::unique_ptr<Engine> out(new Engine(std::move(*library), store));
  if (auto loaded = out->shelf_.load(); !loaded) return std::unexpected(loaded.error());
  return out;
}

Engine::Engine(std::unique_ptr<Library> library, store::Store& store)
    : library_(std::move(library)),
      shelf_(*library_, store),
      uploads_(*library_, shelf_),
      tasks_(library_->home(), "content") {}

void Engine::start() {
  library_->home().post([this] { tasks_.spawn("content.house", keep_house(this)); });
}

runtime::Task<> Engine::keep_house(Engine* self) {
  for (;;) {
    co_await runtime::sleep_for(std::chrono::minutes(1));
    self->uploads_.sweep();
  }
}

runtime::Task<> Engine::stop() {
  co_await runtime::call_on(library_->home(), tasks_.stop());
  co_await library_->stop();
}

}  // namespace telltale::content
