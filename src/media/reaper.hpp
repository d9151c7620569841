// Reaper: a thread that ends playings. Whoever lets go of the last reference (a loop, a sink, the
// playing's own thread) neither waits for codecs nor joins itself. The catalog owns it.
#pragma once

#include <thread>

#include "media/playing.hpp"

namespace telltale::media {

class Reaper {
 public:
  Reaper() : thread_([heap = heap_] { run(heap); }) {}
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;
  ~Reaper() { stop(); }

  // The last reference hands the playing to the reaper, or, after it has stopped, ends it there.
  template <class T>
  std::shared_ptr<T> adopt(std::unique_ptr<T> playing) const {
    return {playing.release(), [heap = heap_](T* dead) {
              std::unique_ptr<Playing> owned(dead);
              heap->change([&](Heap& all) {
                if (!all.stopped) all.dead.push_back(std::move(owned));
              });
            }};
  }
  void stop() {
    if (!thread_.joinable()) return;
    heap_->change([](Heap& all) { all.stopped = true; });
    thread_.join();
  }

 private:
  struct Heap {
    std::vector<std::unique_ptr<Playing>> dead;
    bool stopped = false;
  };
  using SharedHeap = std::shared_ptr<base::Monitor<Heap>>;
  static void run(const SharedHeap& heap) {
    for (bool stopped = false; !stopped;) {
      const auto dead = heap->wait([](const Heap& all) { return all.stopped || !all.dead.empty(); },
                                   [&](Heap& all) {
                                     stopped = all.stopped;
                                     return std::exchange(all.dead, {});
                                   });
    }
  }

  SharedHeap heap_ = std::make_shared<base::Monitor<Heap>>();
  std::thread thread_;
};

}  // namespace telltale::media
