// A bounded list that forgets its oldest: capacity is fixed at construction, push never allocates
// beyond it.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/check.hpp"

namespace telltale::base {

template <class T>
class Ring {
 public:
  explicit Ring(std::size_t capacity) : capacity_(capacity) { CHECK(capacity > 0); }

  void push(T value) {
    if (items_.size() < capacity_) {
      items_.push_back(std::move(value));
    } else {
      items_[first_] = std::move(value);
      first_ = (first_ + 1) % capacity_;
    }
  }
  // 0 is the oldest.
  const T& operator[](std::size_t index) const { return items_[position(index)]; }
  T& operator[](std::size_t index) { return items_[position(index)]; }
  const T& back() const { return (*this)[size() - 1]; }
  std::size_t size() const noexcept { return items_.size(); }
  bool empty() const noexcept { return items_.empty(); }
  std::size_t capacity() const noexcept { return capacity_; }
  void clear() noexcept {
    items_.clear();
    first_ = 0;
  }

 private:
  std::size_t position(std::size_t index) const {
    CHECK(index < items_.size());
    return (first_ + index) % items_.size();
  }

  std::size_t capacity_;
  std::size_t first_ = 0;
  std::vector<T> items_;
};

}  // namespace telltale::base
