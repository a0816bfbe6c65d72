//! Who qualifies for one item (政策找人), and where the others fall out.
