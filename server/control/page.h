// Pages of listings.

#ifndef L2TP_SERVER_CONTROL_PAGE_H_
#define L2TP_SERVER_CONTROL_PAGE_H_

#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "server/control/specs.h"

namespace l2tp::control {

// So many items are looked at for one page, whether they match or not.
inline constexpr int kMaxLookedAt = 10'000;

// Fills a page, one item after the other, in the order of names.
template <typename Item>
class PageFiller {
 public:
  explicit PageFiller(const PageRequest& request) : request_(request) {}

  // `view` makes the item to show if it `matches`. False: the page is full, and this item not part
  // of it.
  template <typename View>
  bool Take(const std::string& name, bool matches, const View& view) {
    if (static_cast<int>(page_.items.size()) >= request_.size || ++looked_at_ > kMaxLookedAt) {
      page_.more = true;
      return false;
    }
    page_.last = name;
    if (matches) page_.items.push_back(view());
    return true;
  }

  Page<Item> Done() { return std::move(page_); }

 private:
  const PageRequest& request_;
  Page<Item> page_;
  int looked_at_ = 0;
};

// One page of an ordered map from names to anything, of the values that match; `view` makes the
// item to show of a value.
template <typename Item, typename Map, typename View, typename Matches>
Page<Item> MakePage(const Map& map, const PageRequest& request, const View& view,
                    const Matches& matches) {
  PageFiller<Item> filler(request);
  for (auto it = map.upper_bound(request.after); it != map.end(); ++it) {
    if (!filler.Take(it->first, matches(it->second), [&] { return view(it->second); })) break;
  }
  return filler.Done();
}

// Of all.
template <typename Item, typename Map, typename View>
Page<Item> MakePage(const Map& map, const PageRequest& request, const View& view) {
  return MakePage<Item>(map, request, view, [](const auto&) { return true; });
}

// The same of two maps that have no name in common, of the names that begin with `prefix`, and of
// what matches: a value of the first map, or an item.
template <typename Item, typename Map, typename View, typename Matches>
Page<Item> MakePage(const Map& map, const std::map<std::string, Item, std::less<>>& others,
                    absl::string_view prefix, const PageRequest& request, const View& view,
                    const Matches& matches) {
  PageFiller<Item> filler(request);
  const auto first = [&](const auto& from) {
    return request.after > prefix ? from.upper_bound(request.after) : from.lower_bound(prefix);
  };
  const auto ends = [&](const auto& from, const auto& at) {
    return at == from.end() || !absl::StartsWith(at->first, prefix);
  };
  auto one = first(map);
  auto other = first(others);
  while (!ends(map, one) || !ends(others, other)) {
    const bool take_one = ends(others, other) || (!ends(map, one) && one->first < other->first);
    const bool took =
        take_one ? filler.Take(one->first, matches(one->second), [&] { return view(one->second); })
                 : filler.Take(other->first, matches(other->second), [&] { return other->second; });
    if (!took) break;
    if (take_one) {
      ++one;
    } else {
      ++other;
    }
  }
  return filler.Done();
}

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_PAGE_H_
