// Engine: the content store as the composition root sees it.
#pragma once

#include "content/uploads.hpp"

namespace telltale::content {

class Engine {
 public:
  // Blocks (start-up).
  static base::Result<std::unique_ptr<Engine>> open(LibrarySettings settings,
                                                    runtime::Runtime& runtime, store::Store& store,
                                                    runtime::EventSink& events);
  Library& library() noexcept { return *library_; }
  Shelf& shelf() noexcept { return shelf_; }
  Uploads& uploads() noexcept { return uploads_; }

  void start();  // on the home loop
  runtime::Task<> stop();

 private:
  Engine(std::unique_ptr<Library> library, store::Store& store);
  static runtime::Task<> keep_house(Engine* self);

  std::unique_ptr<Library> library_;
  Shelf shelf_;
  Uploads uploads_;
  runtime::TaskGroup tasks_;
};

}  // namespace telltale::content
